package dev.warmgate.router;

import dev.warmgate.router.Reservation.Telling;
import dev.warmgate.router.prefix.PrefixIndex;
import dev.warmgate.router.prefix.PromptBlocks;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Prices requests, books where they go, and learns from how they end. Owned by the pool's lock, but for {@link #gather} and {@link #unavailable}.
 */
final class Desk {
    static final InferenceRequest NOTHING = new InferenceRequest("", PromptBlocks.EMPTY, -1, null);

    /** A stamp that no entry of the prefix index has: the index was not asked. */
    private static final long NOT_READ = Long.MIN_VALUE;

    /** How far an engine's count of cached tokens may lie below ours before it contradicts: token counts are estimates. */
    private static final double TOLERANCE = 0.25;

    private static final int TOLERANCE_TOKENS = 256;

    private final Pool pool;
    private final PoolSpec spec;
    private final RoutingPolicy policy;
    private final List<Endpoint> endpoints;
    private final PrefixIndex index;
    private final PrefillSpeeds speeds;

    /** For requests that wait and are priced again. */
    private final Candidates reconsidered;

    private int openReservations;

    Desk(Pool pool, PoolSpec spec, RoutingPolicy policy, List<Endpoint> endpoints, RandomGenerator random) {
        this.pool = pool;
        this.spec = spec;
        this.policy = policy;
        this.endpoints = endpoints;
        this.index = new PrefixIndex(endpoints.size(), spec.kvCapacityTokens(), spec.indexBytes());
        this.speeds = new PrefillSpeeds(endpoints);
        this.reconsidered = new Candidates(random, NOTHING);
    }

    PrefixIndex index() {
        return index;
    }

    int openReservations() {
        return openReservations;
    }

    RoutingPolicy policy() {
        return policy;
    }

    /** Fills in who could take a request now, and returns whether anybody could. Any thread. */
    boolean gather(Candidates candidates, InferenceRequest request, Set<Endpoint> tried, long now) {
        candidates.begin(request, now);
        // Without a prompt nobody knows the model either.
        boolean everyone = request.model().isEmpty() || spec.models().contains(request.model());
        for (Endpoint endpoint : endpoints) {
            if (endpoint.available()
                    && endpoint.spec().role().answers()
                    && (tried.isEmpty() || !tried.contains(endpoint))
                    && (everyone || mayServe(endpoint, request))) {
                candidates.add(endpoint);
            }
        }
        return candidates.size() > 0;
    }

    /** Returns what to say where nobody could take a request. Any thread. */
    RouteResult unavailable(InferenceRequest request, Set<Endpoint> tried) {
        Duration soonest = Duration.ofSeconds(60);
        int down = 0;
        for (Endpoint endpoint : endpoints) {
            if (!endpoint.available()) {
                down++;
                var wait = endpoint.unavailableFor();
                soonest = wait.compareTo(soonest) < 0 ? wait : soonest;
            }
        }
        String reason = down == endpoints.size()
                ? "All " + down + " endpoints of pool " + spec.name() + " are down; they are checked continuously."
                : tried.isEmpty()
                        ? "No available endpoint of pool " + spec.name() + " serves model " + request.model() + " now."
                        : tried.size() + " of " + endpoints.size() + " endpoints of pool " + spec.name()
                                + " failed this request and no other is available.";
        return new RouteResult.Unavailable(reason, Router.retryAfter(down == 0 ? Duration.ofSeconds(1) : soonest));
    }

    /** Lets a policy choose. */
    void price(Candidates candidates, RoutingPolicy chooser) {
        var request = candidates.request();
        boolean warm = chooser.readsPrefixIndex() && request.prompt().count() > 0;
        if (warm) {
            index.find(request.model(), request.prompt(), candidates.nanoTime(), candidates.match());
        }
        chose(candidates, chooser.choose(candidates), warm);
    }

    private void chose(Candidates candidates, int choice, boolean warm) {
        candidates.chose(choice, warm);
        if (!warm) {
            // A policy that does not look at prompts says nothing about them.
            int tokens = candidates.request().prompt().tokens();
            candidates.prefillSeconds(
                    candidates.chosen().prefillSecondsPerToken() * PrefillSpeeds.effectiveTokens(tokens, tokens));
        }
    }

    /**
     * Returns what a request that waits costs where, or null if no endpoint is available.
     *
     * @param slot the endpoint it waits for, if any: a policy that does not look at prompts chose it for good
     */
    @Nullable
    Candidates price(InferenceRequest request, int slot, long now) {
        if (slot >= 0 && !policy.readsPrefixIndex()) {
            reconsidered.begin(request, now);
            reconsidered.add(endpoints.get(slot));
            chose(reconsidered, 0, false);
            return reconsidered;
        }
        if (!gather(reconsidered, request, Set.of(), now)) {
            return null;
        }
        price(reconsidered, policy);
        return reconsidered;
    }

    /**
     * Books the choice.
     *
     * @param first whether this is the first that the index hears of it: not after {@link #wanted}
     */
    Reservation book(Candidates candidates, RoutingPolicy chooser, boolean first) {
        var request = candidates.request();
        var endpoint = candidates.chosen();
        boolean warm = candidates.indexed();
        int cached = warm ? candidates.match().cachedTokens(endpoint.slot()) : 0;
        boolean sure = warm && candidates.match().formerTokens(endpoint.slot()) == cached;
        long stamp = warm ? candidates.match().stamp(endpoint.slot()) : NOT_READ;
        var explanation = request.explain() ? Explainer.explain(chooser, candidates, candidates.choice(), warm) : null;
        int pin = 0;
        if (warm) {
            pin = index.record(candidates.match(), endpoint.slot(), first);
            updateCapacity(endpoint);
            endpoint.kvPromptTokens(index.pinnedTokens(endpoint.slot()));
        }
        var decision = new Decision(
                spec.name(),
                endpoint.name(),
                chooser.name(),
                request.prompt().tokens(),
                cached,
                candidates.costSeconds(),
                explanation);
        var reservation = new Reservation(
                pool, endpoint, request, decision, candidates.prefillSeconds(), candidates.nanoTime(), stamp, pin);
        if (warm && endpoint.pendingPrefillTokens() == 0) {
            reservation.telling(sure ? Telling.SPEED : Telling.IF_TOLD);
        }
        endpoint.book(1);
        endpoint.beginPrefill(reservation.prefillTokens(), reservation.prefillNanos(), candidates.nanoTime());
        openReservations++;
        return reservation;
    }

    /** Hears that a request that was priced has to wait. */
    void wanted(Candidates candidates) {
        if (candidates.indexed()) {
            index.wanted(candidates.match());
        }
    }

    /** Books that the first token of an answer came, or, with its usage, that it ended. */
    void book(Reservation reservation, @Nullable Usage usage, long now) {
        var endpoint = reservation.endpoint();
        boolean first = reservation.endPrefill();
        if (first) {
            endpoint.endPrefill(reservation.prefillTokens(), reservation.prefillNanos());
        }
        if (usage == null) {
            if (first) {
                reservation.beginAnswer(now);
                endpoint.beginAnswer(now);
            }
        } else {
            endpoint.book(-1);
            openReservations--;
            if (reservation.answering()) {
                endpoint.endAnswer(reservation.firstTokenAt(), now, usage.outputTokens());
            }
            if (reservation.stamp() != NOT_READ) {
                learnCache(reservation, usage);
            }
            if (reservation.answering() && reservation.telling() != Telling.NOTHING) {
                learnSpeed(reservation, usage, now);
            }
        }
    }

    private void learnCache(Reservation reservation, Usage usage) {
        int slot = reservation.endpoint().slot();
        int believed = reservation.decision().cachedTokens();
        if (usage.cachedTokens() >= 0 && believed - usage.cachedTokens() > believed * TOLERANCE + TOLERANCE_TOKENS) {
            index.evicted(slot, reservation.stamp());
        }
        index.released(reservation.request().prompt(), slot, reservation.pin(), usage.outputTokens());
        reservation.endpoint().kvPromptTokens(index.pinnedTokens(slot));
    }

    private void learnSpeed(Reservation reservation, Usage usage, long now) {
        speeds.ended(
                reservation.endpoint().slot(),
                reservation.decision().promptTokens(),
                reservation.telling() == Telling.SPEED ? reservation.decision().cachedTokens() : -1,
                usage,
                reservation.ttftNanos(),
                now - reservation.firstTokenAt());
    }

    private static boolean mayServe(Endpoint endpoint, InferenceRequest request) {
        var served = endpoint.models();
        return served == null || served.contains(request.model());
    }

    private void updateCapacity(Endpoint endpoint) {
        var load = endpoint.engineLoad();
        if (load != null && load.kvCapacityTokens() > 0) {
            index.capacity(endpoint.slot(), load.kvCapacityTokens());
            endpoint.kvCapacityTokens(load.kvCapacityTokens());
        }
    }
}
