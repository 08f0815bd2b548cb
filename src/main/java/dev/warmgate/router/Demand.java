package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.Band;
import java.util.Arrays;

/**
 * How much prefill is asked of the fleet, whether it is done or waits. Owned by the pool's lock.
 */
final class Demand {
    /*
     * Who takes more than a fair share does no harm while there is enough for all: only where more is asked for than the fleet
     * can do need some make way for others. What is done says nothing about that, since it is never more, and neither does what
     * waits, which may wait because it makes way. So what counts is what comes, as it was priced then.
     */

    /** Share of all endpoints' time from which on prefill that is asked for is too much, beside answers. */
    private static final double MUCH = 0.7;

    /** What was asked for counts less by 1/e after this, in seconds. */
    private static final double MEMORY_SECONDS = 30;

    private final Roster roster;
    private final AdmissionQueue queue;

    /** Seconds of prefill, by the bands' numbers. */
    private double[] asked = new double[8];

    private long agedAt;

    Demand(Roster roster, AdmissionQueue queue) {
        this.roster = roster;
        this.queue = queue;
    }

    /** Hears of a new request, whatever becomes of it. */
    void add(Band band, double prefillSeconds, long now) {
        age(now);
        if (band.number() >= asked.length) {
            asked = Arrays.copyOf(asked, band.number() * 2);
        }
        asked[band.number()] += prefillSeconds;
    }

    /** Returns whether a band and those above it ask for more than the fleet can do. */
    boolean isTooMuch(Band band, long now) {
        age(now);
        double sum = 0;
        for (var other : queue.bands()) {
            if (other.priority() < band.priority()) {
                break;
            }
            sum += other.number() < asked.length ? asked[other.number()] : 0;
        }
        return sum > MUCH * MEMORY_SECONDS * roster.members().active().size();
    }

    private void age(long now) {
        // Clocks are read before the lock is taken, and the first time is any number.
        double kept = Math.min(1, Math.exp((agedAt - now) * 1e-9 / MEMORY_SECONDS));
        agedAt = now;
        if (kept < 1) {
            for (int i = 0; i < asked.length; i++) {
                asked[i] *= kept;
            }
        }
    }
}
