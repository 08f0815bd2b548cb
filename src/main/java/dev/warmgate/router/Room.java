package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.Band;
import dev.warmgate.router.admission.Flow;

/**
 * Which endpoints have room for requests of which band. Owned by the pool's lock.
 */
final class Room {
    /*
     * Judged by what was sent there and has not ended, never by an engine's metrics: these come late or not at all.
     *
     * An endpoint needs a little prefill to be always busy. Whatever more is sent there only gives its order away and cannot go
     * elsewhere any more: so short prompts, which share steps, go together, and a long one when what is before it is nearly
     * done. What is to be decoded is bounded by the KV cache: prompts of all that are in flight, their answers so far, and all of
     * the answer that is to come.
     *
     * How many requests may decode side by side depends on how fast their tokens are wanted. Each answer that was too slow, or
     * nearly so where others were, lowers an endpoint's limit by one, each that was not raises it by a twentieth (additive
     * increase and decrease, as in congestion control), so about one in twenty is. Engines bear a burst that is over before most
     * answers are, because these are then slow for a part of their time only: up to half as many again may go while that leaves
     * nobody waiting and some have not waited for long without a break.
     *
     * Everybody who decodes at an endpoint waits for the prefill of a long prompt, whose attention makes it longer than its
     * tokens say: some seconds of that, and many answers there are too slow. While nobody has to wait it goes all the same.
     * Where some do without a break, it goes only where what is in flight and what its prefill takes, in tokens of a short
     * prompt, fit into the KV cache together: the longer it is, the fewer others it meets, and the longest meet nobody.
     *
     * An endpoint that came or came back a short while ago is cold, and perhaps not well: both limits grow with the share of
     * its work that it should take.
     *
     * Some flows yield to others that are there: sheddable ones, and those that take more than their share with prompts that
     * hold up everybody behind them. Prefill makes every step of an endpoint long and cannot be interrupted, so each prompt
     * of theirs is followed by a pause, and goes only while enough other endpoints have nothing to prefill, or to the corner
     * that is theirs: who comes then begins at once somewhere.
     */

    /** Prefill that an endpoint may have to do, with a prompt that is sent there, in seconds. */
    private static final double BACKLOG_SECONDS = 0.15;

    /** The same without it, before a prompt however long, and before those that yield. */
    private static final double LEFT_SECONDS = 0.03;

    /** Share of the KV cache that may be used where answers come too slowly and some wait without a break; otherwise all. */
    static final double KV_SHARE = 0.95;

    /** The same where answers come in time: what they take is reckoned by the clock, and engines have a short queue as well. */
    private static final double QUICK_KV_SHARE = 1.1;

    private static final double YIELDING_KV_SHARE = 0.85;

    /** Share of the endpoints that have nothing to prefill when one that yields goes. */
    private static final double HEADROOM = 0.25;

    /** Share of its time that an endpoint prefills for those that yield, at most. */
    private static final double YIELDING_DUTY = 0.4;

    private static final int LEAST_IN_FLIGHT = 8;

    /** Share of a target for the time per output token above which an answer is nearly too slow. */
    private static final double EDGE = 0.88;

    /** For so many answers after one that was too slow, and at first, those that are nearly so count as well. */
    static final int WARY_ANSWERS = 500;

    /** A limit does not stay further above what is in flight than so many times, once an answer was too slow. */
    private static final double NEAR = 2;

    /** By how much an answer in time raises an endpoint's limit, where one that was too slow lowers it by 1. */
    private static final double RAISE = 0.05;

    /** Share of a target up to which an answer is so quick that the number in flight cannot be what made others slow. */
    private static final double FAR = 0.3;

    /** By how much more than its limit an endpoint may have in flight while that leaves nobody waiting. */
    private static final double STRETCH = 0.5;

    /** Where some wait for longer than this without a break, it is no burst. */
    private static final long BURST_NANOS = 20_000_000_000L;

    /** Where some wait for longer than this without a break, long prompts make room for others' answers. */
    private static final long BUSY_NANOS = 5_000_000_000L;

    /** A prompt of which an endpoint holds so much at most loses no cache where it goes to another one. */
    private static final double COLD = 0.1;

    private final Roster roster;
    private final AdmissionQueue queue;
    private final Thrash thrash;
    private final Demand demand;
    private final Corner corner;
    private final Claims claims;

    /** Whether there is room for everybody, because admission is off. */
    private boolean endless;

    Room(Roster roster, AdmissionQueue queue, Thrash thrash, Demand demand) {
        this.demand = demand;
        this.corner = new Corner(roster, queue, demand);
        this.claims = new Claims(roster);
        this.thrash = thrash;
        this.roster = roster;
        this.queue = queue;
    }

    void endless(boolean is) {
        endless = is;
    }

    /** Tells candidates which of those that wait are before a request of a flow, and takes out those that are not for it. */
    void present(Candidates candidates, Flow flow) {
        long now = candidates.nanoTime();
        double share = corner.share(flow, now);
        // Whose own requests may be among those that yielded when they came does not pass them.
        candidates.passes(share == 1 && !yields(flow, now));
        int size = candidates.size();
        if (share < 1) {
            candidates.first(Math.max(1, (int) Math.round(size * share)));
            if (flow.isBehind()) {
                claims.make(candidates, flow);
            }
            return;
        }
        double theirs = endless ? 0 : corner.taken(flow.band(), now);
        if (theirs > 0 && size > 1) {
            int some = Math.clamp(Math.round(size * theirs), 1, size - 1);
            if (hasRoomBehind(candidates, some, flow, now)) {
                candidates.last(size - some);
            }
        }
    }

    /**
     * Returns whether a request that was priced had better go where there is room than wait where it costs least: its tenant
     * lags behind, and it loses no cache.
     */
    boolean isElsewhere(Candidates candidates, Flow flow) {
        return !endless
                && flow.isBehind()
                && corner.share(flow, candidates.nanoTime()) < 1
                && isCold(candidates)
                && !takes(candidates.chosen(), candidates, flow)
                && takesSome(candidates, flow);
    }

    private static boolean isCold(Candidates candidates) {
        return !candidates.indexed()
                || candidates.match().cachedTokens(candidates.chosen().slot())
                        <= COLD * candidates.request().prompt().tokens();
    }

    private boolean takesSome(Candidates candidates, Flow flow) {
        for (int i = 0; i < candidates.size(); i++) {
            if (takes(candidates.endpoint(i), candidates, flow)) {
                return true;
            }
        }
        return false;
    }

    private boolean takes(Endpoint endpoint, Candidates candidates, Flow flow) {
        long now = candidates.nanoTime();
        return has(endpoint, flow, now)
                && begins(endpoint, candidates.prefillSeconds(), now)
                && fits(endpoint, flow, Work.tokens(flow, candidates.request()), now);
    }

    /** The same as {@link #present}, but for those without room; some must have room, as {@link #isElsewhere} says. */
    void presentRoomy(Candidates candidates, Flow flow) {
        present(candidates, flow);
        candidates.keep(endpoint -> takes(endpoint, candidates, flow));
    }

    private boolean hasRoomBehind(Candidates candidates, int some, Flow flow, long now) {
        for (int i = some; i < candidates.size(); i++) {
            if (has(candidates.endpoint(i), flow, now)) {
                return true;
            }
        }
        return false;
    }

    /** Returns for whom an endpoint has room now. */
    AdmissionQueue.Room at(Endpoint endpoint, long now) {
        return new AdmissionQueue.Room() {
            @Override
            public boolean isFor(Flow flow) {
                return has(endpoint, flow, now);
            }

            @Override
            public boolean maySuit(Band band) {
                return has(endpoint, band, yields(band), now);
            }
        };
    }

    /** Returns whether an endpoint has room for requests of a flow. */
    boolean has(Endpoint endpoint, Flow flow, long now) {
        boolean yields = yields(flow, now);
        return has(endpoint, flow.band(), yields, now)
                && (endless || claims.leave(endpoint, flow, 0, now))
                && (!yields || endless || corner.share(flow, now) < 1 || leavesHeadroom(endpoint, now))
                && (endpoint.inFlight() == 0 || endless || !thrash.holdsHogs() || !hogs(flow, now));
    }

    private boolean has(Endpoint endpoint, Band band, boolean yields, long now) {
        if (endpoint.inFlight() == 0) {
            return true;
        }
        var members = roster.members();
        if (endless || endpoint.inFlight() >= members.spec().maxInFlight()) {
            return endpoint.inFlight() < members.spec().maxInFlight();
        }
        double share = members.share(endpoint, now);
        double limit = endpoint.allowance().limit * share;
        return (endpoint.inFlight() < limit || (!yields && stretches(endpoint, limit, band, now)))
                && endpoint.backlogSeconds(now) <= (yields ? LEFT_SECONDS : BACKLOG_SECONDS) * share
                && fits(endpoint, band, yields, 0, now)
                && (!yields || now - endpoint.allowance().pausedUntil >= 0);
    }

    /** Returns whether an endpoint may have more in flight than its limit. */
    private boolean stretches(Endpoint endpoint, double limit, Band band, long now) {
        double most = Math.min(Allowance.MOST_IN_FLIGHT, limit * (1 + STRETCH)) - endpoint.inFlight();
        if (most <= 0) {
            return false;
        }
        long waiting = 0;
        for (var other : queue.bands()) {
            if (other.priority() < band.priority()) {
                break;
            }
            waiting += other.waiting();
            if (other.waiting() > 0 && now - other.waitingSince() > BURST_NANOS) {
                return false;
            }
        }
        return waiting < most * roster.members().active().size();
    }

    /** Returns whether the chosen endpoint would begin a request soon and has KV cache left; an idle one takes whatever comes. */
    boolean fits(Candidates candidates, Flow flow) {
        var endpoint = candidates.chosen();
        long now = candidates.nanoTime();
        double tokens = Work.addedTokens(flow, candidates);
        if (!isQuick(endpoint) && isBusy(flow.band(), now)) {
            // Of a short prompt that is less than its tokens are.
            tokens = Math.max(tokens, candidates.prefillSeconds() / endpoint.prefillSecondsPerToken());
        }
        return begins(endpoint, candidates.prefillSeconds(), now) && fits(endpoint, flow, tokens, now);
    }

    /** Returns whether an endpoint would begin soon with a prompt whose prefill takes so long. */
    boolean begins(Endpoint endpoint, double prefillSeconds, long now) {
        double backlog = endpoint.backlogSeconds(now);
        double share = roster.members().share(endpoint, now);
        return endless
                || endpoint.inFlight() == 0
                || backlog <= LEFT_SECONDS * share
                || backlog + prefillSeconds <= BACKLOG_SECONDS * share;
    }

    private boolean fits(Endpoint endpoint, Flow flow, double tokens, long now) {
        return endless
                || (fits(endpoint, flow.band(), yields(flow, now), tokens, now)
                        && claims.leave(endpoint, flow, tokens, now));
    }

    /** Returns whether an endpoint's answers come in time, by its limit. */
    private static boolean isQuick(Endpoint endpoint) {
        return endpoint.allowance().limit >= Allowance.MOST_IN_FLIGHT;
    }

    /** Returns whether some of a band have been waiting for so long without a break that it is more than chance. */
    private static boolean isBusy(Band band, long now) {
        return band.waiting() > 0 && now - band.waitingSince() > BUSY_NANOS;
    }

    private static boolean fits(Endpoint endpoint, Band band, boolean yields, double tokens, long now) {
        double share;
        if (yields) {
            share = YIELDING_KV_SHARE;
        } else if (isQuick(endpoint)) {
            share = QUICK_KV_SHARE;
        } else {
            share = isBusy(band, now) ? KV_SHARE : 1;
        }
        double capacity = endpoint.kvCapacityTokens();
        return capacity == 0 || endpoint.inFlight() == 0 || endpoint.kvTokensTaken(now) + tokens <= capacity * share;
    }

    /** Hears how fast an answer came, per output token, and how fast it should have. */
    void answered(Reservation reservation, double tpotSeconds, double target) {
        var endpoint = reservation.endpoint();
        var allowance = endpoint.allowance();
        // Where more than the limit were let in meanwhile, that much slower says nothing about the limit.
        double more = allowance.stretches == reservation.stretches()
                ? 1
                : Math.max(1, reservation.company().answers() / allowance.limit);
        boolean slow = tpotSeconds > target * more;
        allowance.inTime = slow ? 0 : Math.min(allowance.inTime + 1, WARY_ANSWERS);
        if (slow || (allowance.inTime < WARY_ANSWERS && tpotSeconds > target * EDGE * more)) {
            double near = Math.min(allowance.limit, NEAR * (endpoint.inFlight() + 1));
            allowance.limit = Math.max(LEAST_IN_FLIGHT, near - 1);
        } else {
            double raise = tpotSeconds > target * FAR ? RAISE : 1;
            allowance.limit = Math.min(Allowance.MOST_IN_FLIGHT, allowance.limit + raise);
        }
    }

    /** Hears that a request of a flow was sent to an endpoint. */
    void took(Reservation reservation, Flow flow, double prefillSeconds, long now) {
        var endpoint = reservation.endpoint();
        var allowance = endpoint.allowance();
        reservation.stretches(allowance.stretches);
        if (endpoint.inFlight() > allowance.limit) {
            allowance.stretches++;
        }
        claims.used(endpoint, flow);
        if (yields(flow, now)) {
            allowance.pausedUntil =
                    now + (long) (prefillSeconds * PrefillQueue.SLOWDOWN / corner.duty(flow, YIELDING_DUTY, now) * 1e9);
        }
    }

    /** Returns whether a flow makes way for others that are there: it is sheddable, or takes too much. */
    boolean yields(Flow flow, long now) {
        return yields(flow.band()) || hogs(flow, now);
    }

    /** Returns whether a flow takes too much of what is not enough for all. */
    private boolean hogs(Flow flow, long now) {
        return flow.hogs(now) && demand.isTooMuch(flow.band(), now);
    }

    /** Returns whether a band is sheddable, has had what it is sure of, and others are there. */
    private boolean yields(Band band) {
        return band.priority() < 0 && !band.isOwed() && others(band);
    }

    private boolean others(Band band) {
        for (var other : queue.bands()) {
            if (other == band) {
                return false;
            }
            if (other.active()) {
                return true;
            }
        }
        return false;
    }

    private boolean leavesHeadroom(Endpoint endpoint, long now) {
        var endpoints = roster.members().active();
        int needed = (int) (endpoints.size() * HEADROOM);
        for (var other : endpoints) {
            if (needed <= 0) {
                return true;
            }
            if (other != endpoint && other.available() && other.prefillsNothing(now)) {
                needed--;
            }
        }
        return needed <= 0;
    }
}
