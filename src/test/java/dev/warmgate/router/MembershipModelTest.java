package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Endpoint.State;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.IndexChecks;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A long random history of a pool whose endpoints come and go, compared step by step with a plain account of it. */
class MembershipModelTest {
    private static final int STEPS = 4_000;

    /** What the model knows about an endpoint that is not gone. */
    private static final class Known {
        final EndpointSpec spec;
        boolean wanted = true;
        boolean drained;
        int inFlight;

        @Nullable
        CompletableFuture<Boolean> empty;

        Known(EndpointSpec spec) {
            this.spec = spec;
        }

        State state() {
            return !wanted ? State.LEAVING : drained ? State.DRAINING : State.ACTIVE;
        }
    }

    private final Map<Endpoint, Known> model = new HashMap<>();
    private final Set<Endpoint> gone = new HashSet<>();
    private final List<Reservation> open = new ArrayList<>();
    private final List<Ticket> waiting = new ArrayList<>();
    private int asked;
    private int answered;
    private int left;
    private int waited;
    private int movedAway;
    private long now;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aPoolBehavesAsThePlainAccountSays(long seed) {
        var random = new Random(seed);
        var policies = List.of("warm", "round-robin", "weighted");
        var pool = new Pool(spec(random), AdmissionSettings.DEFAULT, policy("warm"), () -> now, new Random(seed));
        var router = new Router(List.of(pool));
        account(pool);
        for (int step = 0; step < STEPS; step++) {
            String at = "seed " + seed + ", step " + step;
            switch (random.nextInt(20)) {
                case 0 -> {
                    if (random.nextInt(4) == 0) {
                        var settings = random.nextInt(8) == 0
                                ? AdmissionSettings.DEFAULT.disabled()
                                : AdmissionSettings.DEFAULT;
                        var spec = spec(random);
                        pool.reconfigure(spec, settings, policy(policies.get(random.nextInt(policies.size()))));
                        become(spec);
                        account(pool);
                    }
                }
                case 1 -> drain(pool, random);
                case 2 -> undrain(pool, random);
                case 3 -> {
                    now += random.nextInt(20_000_000);
                    router.tick();
                }
                case 4 -> leave(random);
                case 5 -> anyOf(random).ifPresent(endpoint -> endpoint.reportCheck(random.nextInt(3) > 0));
                case 6, 7, 8, 9, 10, 11 -> settle(random);
                default -> send(router, random);
            }
            check(pool, at);
        }
        end(pool, router);
        assertThat(waited).as("requests that waited").isGreaterThan(100);
        assertThat(gone.size()).as("endpoints that left").isGreaterThan(20);
        assertThat(movedAway).as("drained while busy").isGreaterThan(5);
    }

    private static RoutingPolicy policy(String name) {
        return Objects.requireNonNull(Policies.create(name));
    }

    private static PoolSpec spec(Random random) {
        var endpoints = new ArrayList<EndpointSpec>();
        for (int i = 0; i < 12; i++) {
            if (random.nextInt(3) == 0) {
                String host = random.nextInt(10) == 0 ? "10.0.0.2" : "10.0.0.1";
                endpoints.add(new EndpointSpec("e" + i, URI.create("http://" + host + ":" + i), 1, Role.BOTH));
            }
        }
        Collections.shuffle(endpoints, random);
        return new PoolSpec("pool", endpoints, Set.of("m"), HealthPolicy.DEFAULT, 60_000, 1 << 20);
    }

    // ---- the model

    private void become(PoolSpec spec) {
        for (var known : model.values()) {
            known.wanted = spec.endpoints().contains(known.spec);
        }
    }

    /** Notes the endpoints that are new, and takes those out that must be gone. */
    private void account(Pool pool) {
        for (var endpoint : pool.endpoints()) {
            if (!model.containsKey(endpoint)) {
                assertThat(gone).as("back from the dead").doesNotContain(endpoint);
                model.put(endpoint, new Known(endpoint.spec()));
            }
        }
        for (var endpoint : List.copyOf(model.keySet())) {
            if (known(endpoint).state() == State.LEAVING && known(endpoint).inFlight == 0) {
                bury(endpoint);
            }
        }
    }

    private void bury(Endpoint endpoint) {
        gone.add(endpoint);
        var known = Objects.requireNonNull(model.remove(endpoint));
        if (known.empty != null) {
            assertThat(known.empty).isCompletedWithValue(true);
        }
    }

    private Known known(Endpoint endpoint) {
        return Objects.requireNonNull(model.get(endpoint), () -> endpoint + " is gone");
    }

    private Optional<Endpoint> anyOf(Random random) {
        var all = new ArrayList<>(model.keySet());
        all.sort(Comparator.comparingInt(Endpoint::slot));
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    private void check(Pool pool, String at) {
        assertThat(pool.endpoints()).as(at).containsExactlyInAnyOrderElementsOf(model.keySet());
        var slots = new HashSet<Integer>();
        model.forEach((endpoint, known) -> {
            assertThat(endpoint.state()).as(at + ", " + endpoint).isEqualTo(known.state());
            assertThat(endpoint.inFlight()).as(at + ", " + endpoint).isEqualTo(known.inFlight);
            assertThat(slots.add(endpoint.slot()))
                    .as(at + ", slot of " + endpoint)
                    .isTrue();
            if (known.state() != State.ACTIVE) {
                assertThat(endpoint.parked().requests())
                        .as(at + ", parked at " + endpoint)
                        .isZero();
            }
            if (known.empty != null) {
                boolean done = known.inFlight == 0 || known.state() == State.ACTIVE;
                assertThat(known.empty.isDone())
                        .as(at + ", told about " + endpoint)
                        .isEqualTo(done);
                if (done) {
                    assertThat(known.empty).isCompletedWithValue(known.state() != State.ACTIVE);
                    known.empty = null;
                }
            }
        });
        assertThat(pool.openReservations()).as(at).isEqualTo(open.size());
    }

    // ---- steps

    private void drain(Pool pool, Random random) {
        if (random.nextInt(3) == 0) {
            anyOf(random).ifPresent(endpoint -> {
                var known = known(endpoint);
                movedAway += known.inFlight > 0 ? 1 : 0;
                known.drained = true;
                known.empty = pool.drain(endpoint);
            });
        }
    }

    private void undrain(Pool pool, Random random) {
        anyOf(random).ifPresent(endpoint -> {
            var known = known(endpoint);
            known.drained = false;
            assertThat(pool.undrain(endpoint)).isEqualTo(known.wanted);
        });
    }

    private void send(Router router, Random random) {
        asked++;
        var prompt = Fleet.prompt(random.nextInt(60), 64 * (1 + random.nextInt(120)));
        var standing = new Standing(
                random.nextInt(3) - 1, "t", "t", 1, Standing.NONE, Standing.NONE, random.nextInt(9) == 0 ? 5 : 900);
        var request = new InferenceRequest("m", prompt, 50, null).with(standing, 100);
        switch (router.admit(request, this::decided)) {
            case RouteResult.Queued(var ticket) -> {
                waited++;
                waiting.add(ticket);
            }
            case RouteResult other -> decided(other);
        }
    }

    private void decided(RouteResult result) {
        answered++;
        if (result instanceof RouteResult.Routed(var reservation)) {
            var endpoint = reservation.endpoint();
            // News of a change come after it, and all in the order of their happening.
            assertThat(endpoint.state()).as(endpoint.name()).isEqualTo(State.ACTIVE);
            open.add(reservation);
            model.computeIfAbsent(endpoint, e -> new Known(e.spec())).inFlight++;
        }
    }

    private void settle(Random random) {
        if (!open.isEmpty()) {
            var reservation = open.remove(random.nextInt(open.size()));
            if (random.nextBoolean()) {
                reservation.firstToken();
            }
            var known = known(reservation.endpoint());
            known.inFlight--;
            reservation.settle(random.nextBoolean() ? new Usage(100, 50, random.nextInt(100)) : Usage.UNKNOWN);
            if (known.state() == State.LEAVING && known.inFlight == 0) {
                bury(reservation.endpoint());
            }
        }
    }

    private void leave(Random random) {
        if (!waiting.isEmpty()) {
            left += waiting.remove(random.nextInt(waiting.size())).leave() ? 1 : 0;
        }
    }

    private void end(Pool pool, Router router) {
        var spec = new PoolSpec(
                "pool",
                List.of(EndpointSpec.of(URI.create("http://10.0.0.3:1"))),
                Set.of("m"),
                HealthPolicy.DEFAULT,
                60_000,
                1 << 20);
        pool.reconfigure(spec, AdmissionSettings.DEFAULT, policy("warm"));
        become(spec);
        account(pool);
        var random = new Random(0);
        while (router.waiting() > 0 || !open.isEmpty()) {
            settle(random);
            now += Duration.ofMillis(10).toNanos();
            router.tick();
        }
        assertThat(answered + left).isEqualTo(asked);
        assertThat(pool.endpoints()).hasSize(1);
        assertThat(pool.openReservations()).isZero();
        for (var endpoint : gone) {
            assertThat(endpoint.state()).isEqualTo(State.GONE);
            assertThat(endpoint.requests()).isZero();
            assertThat(endpoint.kvTokensInUse(now)).isEqualTo(0.0);
            assertThat(endpoint.pendingPrefillTokens()).isZero();
        }
        IndexChecks.check(pool.index());
        IndexChecks.checkNothingPinned(pool.index());
    }
}
