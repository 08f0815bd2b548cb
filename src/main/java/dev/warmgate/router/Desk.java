package dev.warmgate.router;

import dev.warmgate.router.Reservation.Telling;
import dev.warmgate.router.prefix.PrefixIndex;
import dev.warmgate.router.prefix.PromptBlocks;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
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
    private final Roster roster;
    private final PrefixIndex index;
    private final PrefillSpeeds speeds;
    private final Suitable.Memory suitable = new Suitable.Memory();

    /** For requests that wait and are priced again. */
    private final Candidates reconsidered;

    private int openReservations;

    /** Written under the lock, read by any thread. */
    private volatile RoutingPolicy policy;

    Desk(Pool pool, Roster roster, RoutingPolicy policy, RandomGenerator random) {
        this.pool = pool;
        this.roster = roster;
        this.policy = policy;
        var spec = roster.members().spec();
        this.index = new PrefixIndex(roster.slots(), spec.kvCapacityTokens(), spec.indexBytes());
        this.speeds = new PrefillSpeeds(roster);
        this.reconsidered = new Candidates(random, NOTHING, roster.members());
        roster.members().all().forEach(this::assumeCapacity);
    }

    // ---- endpoints come and go

    /** Hears of an endpoint that is new. */
    void came(Endpoint endpoint) {
        index.grow(roster.slots());
        assumeCapacity(endpoint);
        speeds.came(endpoint);
        endpoint.begins();
    }

    /** Takes the configured capacity for an endpoint whose engine has not told. */
    void assumeCapacity(Endpoint endpoint) {
        var load = endpoint.engineLoad();
        if (load == null || load.kvCapacityTokens() <= 0) {
            long tokens = roster.members().spec().kvCapacityTokens();
            index.capacity(endpoint.slot(), tokens);
            endpoint.kvCapacityTokens(tokens == PoolSpec.DEFAULT_KV_CAPACITY_TOKENS ? 0 : tokens);
        }
    }

    /** Forgets an endpoint, so that another can have its slot. */
    void gone(Endpoint endpoint) {
        index.forget(endpoint.slot());
        policy.forget(endpoint.slot());
    }

    // ---- requests

    PrefixIndex index() {
        return index;
    }

    int openReservations() {
        return openReservations;
    }

    /** Returns the policy that chooses. Any thread. */
    RoutingPolicy policy() {
        return policy;
    }

    /** Takes another policy; one that does the same goes on with what it knows. */
    void policy(RoutingPolicy other) {
        if (!policy.sameAs(other)) {
            policy = other;
        }
    }

    /**
     * Fills in who could take a request now, and returns whether anybody could. Any thread.
     *
     * @param lastResort whether to try those whose processes are gone when there is nobody else
     */
    boolean gather(Candidates candidates, InferenceRequest request, Set<Endpoint> tried, long now, boolean lastResort) {
        int changes = roster.changes();
        var members = roster.members();
        var chooser = policy;
        boolean anywhere = tried.isEmpty() && request.allowed() == null;
        candidates.begin(request, members, now);
        if (anywhere) {
            var known = suitable.find(members, changes, chooser, request.model());
            if (known != null) {
                candidates.fill(known);
                return candidates.size() > 0;
            }
        }
        int bad = 0;
        boolean timeTells = false;
        for (Endpoint endpoint : members.active()) {
            timeTells |= endpoint.ejected();
            if (!endpoint.available()) {
                bad++;
            } else if (mayTake(endpoint, request, tried, members)) {
                candidates.add(endpoint);
            }
        }
        if (bad > 0 && members.panics(bad)) {
            gatherInPanic(candidates, tried, lastResort);
        } else if (anywhere && !timeTells) {
            suitable.keep(candidates, changes, chooser);
        }
        return candidates.size() > 0;
    }

    private void gatherInPanic(Candidates candidates, Set<Endpoint> tried, boolean lastResort) {
        var request = candidates.request();
        var members = candidates.members();
        candidates.begin(request, members, candidates.nanoTime());
        for (var endpoint : members.active()) {
            if (endpoint.condition() != Endpoint.Condition.GONE && mayTake(endpoint, request, tried, members)) {
                candidates.add(endpoint);
            }
        }
        if (lastResort && candidates.size() == 0) {
            for (var endpoint : members.active()) {
                if (mayTake(endpoint, request, tried, members)) {
                    candidates.add(endpoint);
                }
            }
        }
    }

    /** Returns whether an endpoint takes part here and may get a request if it is well. Any thread; looks at all of them. */
    boolean mayTake(Endpoint endpoint, InferenceRequest request) {
        var members = roster.members();
        return members.active().contains(endpoint) && mayTake(endpoint, request, Set.of(), members);
    }

    /** Returns whether a request may go to an endpoint if it is well. */
    private boolean mayTake(Endpoint endpoint, InferenceRequest request, Set<Endpoint> tried, Members members) {
        boolean suits = endpoint.spec().role().answers() || policy.looksAtRoles();
        if (!suits || (!tried.isEmpty() && tried.contains(endpoint))) {
            return false;
        }
        var allowed = request.allowed();
        if (allowed != null && !allowed.test(endpoint)) {
            return false;
        }
        var served = endpoint.models();
        // Without a prompt nobody knows the model either.
        return served == null
                || served.contains(request.model())
                || request.model().isEmpty()
                || members.spec().models().contains(request.model());
    }

    /**
     * Looks again who could take a request, under the lock, if endpoints came or went since, and returns whether anybody
     * could. Also if nobody could before: the look without the lock may have fallen into a change, when all that were there
     * leave already and those that come are not there yet.
     */
    @SuppressWarnings("ReferenceEquality") // each change publishes a new one
    boolean stillGathered(Candidates candidates, Set<Endpoint> tried) {
        return (candidates.size() > 0 && candidates.members() == roster.members())
                || gather(candidates, candidates.request(), tried, candidates.nanoTime(), true);
    }

    /** Takes out those that have as many requests in flight as they may, and returns whether any is left. */
    boolean leavesSome(Candidates candidates) {
        int most = roster.members().spec().maxInFlight();
        return most == PoolSpec.UNLIMITED || candidates.keep(endpoint -> endpoint.inFlight() < most);
    }

    /** Returns what to say where all that could take a request have as many as they may. */
    RouteResult full() {
        var spec = roster.members().spec();
        return new RouteResult.Unavailable(
                "All endpoints of pool " + spec.name() + " that could take this request have " + spec.maxInFlight()
                        + " requests in flight, as many as they may.",
                Duration.ofSeconds(1));
    }

    /** Returns what to say where nobody could take a request. Any thread. */
    RouteResult unavailable(InferenceRequest request, Set<Endpoint> tried) {
        var name = roster.members().spec().name();
        var endpoints = roster.members().active();
        if (endpoints.isEmpty()) {
            return new RouteResult.Unavailable(
                    "Pool " + name + " has no endpoints that take new requests now.", Duration.ofSeconds(1));
        }
        Duration soonest = Duration.ofSeconds(60);
        int down = 0;
        for (Endpoint endpoint : endpoints) {
            if (!endpoint.available()) {
                down++;
                var wait = endpoint.unavailableFor();
                soonest = wait.compareTo(soonest) < 0 ? wait : soonest;
            }
        }
        String reason;
        if (down == endpoints.size()) {
            reason = "All " + down + " endpoints of pool " + name + " are down; they are checked continuously.";
        } else if (!tried.isEmpty()) {
            reason = tried.size() + " of " + endpoints.size() + " endpoints of pool " + name
                    + " failed this request and no other is available.";
        } else if (request.allowed() != null) {
            reason = "None of the endpoints of pool " + name + " that may take this request is available now.";
        } else {
            reason = "No available endpoint of pool " + name + " serves model " + request.model() + " now.";
        }
        return new RouteResult.Unavailable(reason, Router.retryAfter(down == 0 ? Duration.ofSeconds(1) : soonest));
    }

    /** Returns what to say where the policy left nobody. */
    static RouteResult filtered(Candidates candidates) {
        return new RouteResult.Refused(RefusalReason.FILTERED, candidates.refusal(), Duration.ofSeconds(1));
    }

    /** Lets a policy choose, and returns whether it left somebody. */
    boolean price(Candidates candidates, RoutingPolicy chooser) {
        var request = candidates.request();
        if (candidates.startsSlowly() && !chooser.pricesSlowStart()) {
            candidates.thin();
        }
        boolean warm = chooser.readsPrefixIndex() && request.prompt().count() > 0;
        if (warm) {
            index.find(request.model(), request.prompt(), candidates.nanoTime(), candidates.match());
        }
        int choice = chooser.choose(candidates);
        if (choice >= 0) {
            chose(candidates, choice, warm);
        }
        return choice >= 0;
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
     * Returns what a request that waits costs where, or null if no endpoint is available or the policy leaves none.
     *
     * @param slot the endpoint it waits for, if any: some policies chose it for good
     * @param presented told of the candidates before they are priced
     */
    @Nullable
    Candidates price(InferenceRequest request, int slot, Consumer<Candidates> presented, long now) {
        if (slot >= 0 && !policy.choosesAgain()) {
            reconsidered.begin(request, roster.members(), now);
            reconsidered.add(roster.get(slot));
            chose(reconsidered, 0, false);
            return reconsidered;
        }
        if (!gather(reconsidered, request, Set.of(), now, false)) {
            return null;
        }
        presented.accept(reconsidered);
        return price(reconsidered, policy) ? reconsidered : null;
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
                roster.members().spec().name(),
                endpoint.name(),
                chooser.name(),
                request.prompt().tokens(),
                cached,
                candidates.costSeconds(),
                explanation);
        var reservation = new Reservation(
                pool,
                chooser,
                endpoint,
                request,
                decision,
                candidates.prefillSeconds(),
                candidates.nanoTime(),
                stamp,
                pin);
        if (warm && endpoint.prefillsNothing(candidates.nanoTime())) {
            reservation.telling(sure ? Telling.SPEED : Telling.IF_TOLD);
        }
        endpoint.book(1, candidates.nanoTime());
        reservation.begins(candidates.nanoTime());
        openReservations++;
        chooser.booked(candidates, reservation);
        reservation.alternatives(chooser.alternatives(candidates, Reservation.MOST_ALTERNATIVES));
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
            endpoint.endPrefill(reservation);
            endpoint.answers().prefilled(reservation.prefillTokens());
            endpoint.spare().prefilled(reservation.prefillNanos() * 1e-9, now);
        }
        if (usage == null) {
            if (first) {
                reservation.answers(now);
            }
        } else {
            endpoint.book(-1, now);
            openReservations--;
            reservation.chooser().ended(reservation);
            reservation.leaves(usage, now);
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
                reservation.endpoint(),
                reservation.decision().promptTokens(),
                reservation.telling() == Telling.SPEED ? reservation.decision().cachedTokens() : -1,
                usage,
                reservation.ttftNanos(),
                now - reservation.firstTokenAt());
    }

    private void updateCapacity(Endpoint endpoint) {
        var load = endpoint.engineLoad();
        if (load != null && load.kvCapacityTokens() > 0) {
            index.capacity(endpoint.slot(), load.kvCapacityTokens());
            endpoint.kvCapacityTokens(load.kvCapacityTokens());
        }
    }
}
