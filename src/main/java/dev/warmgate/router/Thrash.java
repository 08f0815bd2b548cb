package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.AdmissionQueue.Gate;
import dev.warmgate.router.admission.Band;
import dev.warmgate.router.prefix.PrefixMatch;
import java.util.Arrays;

/**
 * Admission by working set: holds new sessions back while the fleet's caches cannot hold those that run. Owned by the
 * pool's lock.
 */
final class Thrash implements Gate {
    /*
     * When running sessions together need more KV cache than there is, each turn finds that its blocks were evicted by the
     * others' and computes them again, which takes what would have served more sessions: throughput falls by half. As in an
     * operating system (Denning, "The working set model for program behavior", 1968), the cure is to run fewer at a time.
     *
     * The working set itself is hard to know, since nobody says when a session ends. Its excess is not: it is what has to
     * be computed again (the page fault frequency of Chu and Opderbeck, "Program behavior and the page fault frequency
     * replacement algorithm", 1976). A turn is known by going on exactly where an earlier prompt ended; what the fleet held
     * of it and holds no more is lost work. Where that takes more than LOST of all endpoints' time, and requests wait,
     * nothing new goes in lower bands, and flows that take more than their share with prompts that evict much ("hogs")
     * stand still. New sessions of the band itself are not held back for it: they lost more than those that run won.
     *
     * Prompts that share a beginning without being turns (templates, documents) may be evicted and computed again without
     * end and never close the gate: there holding back would only delay.
     */

    /** Share of the fleet's time from which on those below the band that loses it are held back, and hogs. */
    private static final double LOST = 0.05;

    /** Mean wait for prefill below which nothing is held back, in seconds. */
    private static final double WAIT_SECONDS = 0.1;

    /** What was seen counts less by 1/e after this, in seconds. */
    private static final double MEMORY_SECONDS = 10;

    /** Within this nothing changes that matters, and looking at all endpoints takes a while. */
    private static final long PAUSE_NANOS = 1_000_000L;

    private final Roster roster;
    private final AdmissionQueue queue;

    /** By the bands' numbers: seconds of prefill that were done again. */
    private double[] lost = new double[8];

    private double waitSeconds;
    private long seenAt;

    /** Above this priority the gate is open. */
    private int heldBack = Integer.MIN_VALUE;

    private boolean hogsHeldBack;

    Thrash(Roster roster, AdmissionQueue queue) {
        this.roster = roster;
        this.queue = queue;
    }

    @Override
    public boolean isOpenFor(Band band) {
        return band.priority() > heldBack;
    }

    /** Returns for whom an endpoint is open. An idle one takes whatever comes: what waits for it would keep it shut. */
    Gate at(Endpoint endpoint) {
        return endpoint.inFlight() == 0 ? _ -> true : this;
    }

    /** Returns whether flows that take more than their share have to wait. */
    boolean holdsHogs() {
        return hogsHeldBack;
    }

    /** Hears that a request was sent to an endpoint, for which it was priced with this match. */
    void sent(Band band, Endpoint endpoint, PrefixMatch match, int promptTokens, long now) {
        look(now);
        if (band.number() >= lost.length) {
            lost = Arrays.copyOf(lost, band.number() * 2);
        }
        if (match.continues()) {
            int former = 0;
            int held = 0;
            for (var other : roster.members().active()) {
                former = Math.max(former, match.formerTokens(other.slot()));
                held = Math.max(held, match.cachedTokens(other.slot()));
            }
            lost[band.number()] += endpoint.prefillSecondsPerToken()
                    * (PrefillSpeeds.effectiveTokens(promptTokens, promptTokens - held)
                            - PrefillSpeeds.effectiveTokens(promptTokens, promptTokens - former));
        }
    }

    /** Lets time pass and decides anew who is held back, unless that was done a moment ago. */
    void look(long now) {
        if (now - seenAt < PAUSE_NANOS && now - seenAt >= 0) {
            return;
        }
        var endpoints = roster.members().active();
        double wait = 0;
        for (var endpoint : endpoints) {
            wait += endpoint.prefillWaitSeconds(now);
        }
        // Clocks are read before the lock is taken, and the first time is any number.
        double kept = Math.min(1, Math.exp((seenAt - now) * 1e-9 / MEMORY_SECONDS));
        seenAt = now;
        waitSeconds = waitSeconds * kept + wait / Math.max(1, endpoints.size()) * (1 - kept);
        for (int i = 0; i < lost.length; i++) {
            lost[i] *= kept;
        }
        heldBack = decide();
    }

    private int decide() {
        hogsHeldBack = false;
        if (waitSeconds <= WAIT_SECONDS) {
            return Integer.MIN_VALUE;
        }
        double seconds = MEMORY_SECONDS * Math.max(1, roster.members().active().size());
        for (var band : queue.bands()) {
            double share = band.number() < lost.length ? lost[band.number()] / seconds : 0;
            if (share > LOST) {
                hogsHeldBack = true;
                return band.priority() - 1;
            }
        }
        return Integer.MIN_VALUE;
    }
}
