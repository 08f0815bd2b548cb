package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A tenant that sends far more than its share, in long prompts, beside others, with a clock set by hand. */
class CornerTest {
    private static final int ENDPOINTS = 8;
    private static final int SHORT = 640;
    private static final Duration STEP = Duration.ofMillis(50);

    /** Time that an answer takes after its first token; long, so that work is in prefill and answers. */
    private static final long ANSWER_NANOS = 2_000_000_000L;

    private final Crowd crowd = new Crowd(new Fleet(ENDPOINTS, "warm"));
    private final Map<Reservation, Long> running = new HashMap<>();
    private final Map<Reservation, Long> prefilling = new HashMap<>();
    private final Set<Reservation> seen = new HashSet<>();

    /** Endpoints by tenant, of what was sent since the list was made. */
    private Map<String, Set<String>> places = new HashMap<>();

    private static Standing of(String tenant) {
        return new Standing(0, tenant, tenant, 1, Standing.NONE, Standing.NONE, Standing.NONE);
    }

    private static List<String> quiet(int count) {
        var names = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            names.add("quiet-" + i);
        }
        return names;
    }

    /** Each step every quiet tenant sends so many short prompts, and the noisy one, if it is there, a long one. */
    private void run(int steps, List<String> quiet, int each, boolean noise) {
        for (int i = 0; i < steps; i++) {
            for (var tenant : quiet) {
                for (int k = 0; k < each; k++) {
                    crowd.send(SHORT, of(tenant));
                }
            }
            if (noise) {
                crowd.send(Crowd.LONG, of("noisy"));
            }
            crowd.pass(STEP);
            engines();
        }
    }

    /** Prefills one prompt after the other at each endpoint, and answers all side by side. */
    private void engines() {
        long now = crowd.fleet.now;
        for (var client : crowd.clients) {
            if (client.result instanceof RouteResult.Routed(var reservation) && seen.add(reservation)) {
                long free = prefilling.keySet().stream()
                        .filter(other -> other.endpoint() == reservation.endpoint())
                        .mapToLong(prefilling::get)
                        .max()
                        .orElse(now);
                prefilling.put(reservation, free + reservation.prefillNanos());
                places.computeIfAbsent(reservation.request().standing().tenant(), _ -> new HashSet<>())
                        .add(reservation.endpoint().name());
            }
        }
        crowd.clients.removeIf(client -> !client.waits());
        for (var reservation : List.copyOf(prefilling.keySet())) {
            if (prefilling.getOrDefault(reservation, now) < now) {
                prefilling.remove(reservation);
                reservation.firstToken();
                running.put(reservation, now + ANSWER_NANOS);
            }
        }
        for (var reservation : List.copyOf(running.keySet())) {
            if (running.getOrDefault(reservation, now) < now) {
                running.remove(reservation);
                reservation.settle(new Usage(-1, -1, 100));
            }
        }
    }

    private int placesOf(String tenant) {
        return places.getOrDefault(tenant, Set.of()).size();
    }

    @Test
    void longPromptsOfOneTenantKeepToItsShareOfTheEndpoints() {
        // It takes a few seconds until there is known to be too much, and longer until what was sent before is done.
        run(1_000, quiet(4), 1, true);
        places = new HashMap<>();
        run(400, quiet(4), 1, true);
        // A fifth of eight endpoints; nobody else waits, so it is rounded down.
        assertThat(placesOf("noisy")).isEqualTo(1);
        assertThat(placesOf("quiet-0")).isGreaterThan(ENDPOINTS / 2);
        assertThat(places.get("quiet-0")).doesNotContainAnyElementsOf(places.get("noisy"));
    }

    @Test
    void theyHaveWhatOthersLeave() {
        run(400, quiet(4), 0, true);
        crowd.send(SHORT, of("quiet-0"));
        places = new HashMap<>();
        run(400, quiet(1), 0, true);
        assertThat(placesOf("noisy")).isGreaterThan(ENDPOINTS / 2);
    }

    @Test
    void theyHaveTheirWholeShareWhileOthersWaitAsWell() {
        run(600, quiet(4), 20, true);
        places = new HashMap<>();
        run(400, quiet(4), 20, true);
        assertThat(placesOf("noisy")).isBetween(2, ENDPOINTS / 2);
    }

    @Test
    void aTenantAloneGoesEverywhere() {
        run(400, quiet(0), 0, true);
        assertThat(placesOf("noisy")).isEqualTo(ENDPOINTS);
    }

    @Test
    void nothingIsLeftOfThoseThatYieldOnceAllHaveGone() {
        run(200, quiet(4), 2, true);
        assertThat(crowd.fleet.router.waiting()).isPositive();
        for (int i = 0; i < 20_000 && crowd.fleet.pool.openReservations() + crowd.fleet.router.waiting() > 0; i++) {
            crowd.pass(STEP);
            engines();
        }
        crowd.checkEmpty();
    }
}
