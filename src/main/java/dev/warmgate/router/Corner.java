package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.Flow;
import java.util.Arrays;

/**
 * How much of the fleet those may use who would take more than their share of it with long prompts. Owned by the pool's lock.
 */
final class Corner {
    /*
     * A long prompt cannot be interrupted, and evicts what the endpoint holds of others. Spread over the fleet, such prompts
     * leave nobody a cache to come back to, however seldom they go. So they go to the first endpoints only, of which there are
     * as many as
     *
     *   - the others leave, were they to need HEADROOM times what they use, but at least
     *   - the fair share of those who send them: ample while the others wait as well, so that it can be had, and rounded down
     *     while they do not, at least 1.
     *
     * There they prefill for as much of the time as makes their fair share, instead of YIELDING_DUTY.
     */

    /** Endpoints that others are left for each one that they keep busy. */
    private static final double HEADROOM = 2;

    /** Work of others that waits for each endpoint, in seconds on average, from which on they wait as well. */
    private static final double WAITING_SECONDS = 0.1;

    /** What was seen of it counts less by 1/e after this, in seconds. */
    private static final double MEMORY_SECONDS = 10;

    /** How much more than their fair share of the endpoints is ample to get a fair share of the work, for others use them too. */
    private static final double AMPLE = 1.5;

    private static final double MOST_DUTY = 0.9;

    /** Looking at all tenants takes a while. */
    private static final long PAUSE_NANOS = 100_000_000L;

    /** How often it becomes larger by an endpoint; smaller at once. */
    private static final long GROW_NANOS = 5_000_000_000L;

    private final Roster roster;
    private final AdmissionQueue queue;

    // By the bands' numbers.
    private int[] width = new int[8];
    private double[] fair = new double[8];
    private double[] waiting = new double[8];
    private long[] lookedAt = new long[8];
    private long[] grewAt = new long[8];

    Corner(Roster roster, AdmissionQueue queue) {
        this.roster = roster;
        this.queue = queue;
    }

    /** Returns the share of the endpoints that requests of a flow may use: 1 for all but those who grab. */
    double share(Flow flow, long now) {
        int endpoints = roster.members().active().size();
        return endpoints < 2 || !flow.grabs(now) ? 1 : Math.min(1, (double) width(flow, endpoints, now) / endpoints);
    }

    /** Returns the share of its time that an endpoint prefills for a flow that hogs. */
    double duty(Flow flow, double otherwise, long now) {
        int endpoints = roster.members().active().size();
        if (share(flow, now) == 1) {
            return otherwise;
        }
        int number = flow.band().number();
        return Math.clamp(fair[number] * endpoints / width[number], otherwise, MOST_DUTY);
    }

    private int width(Flow flow, int endpoints, long now) {
        int number = flow.band().number();
        if (number >= width.length) {
            width = Arrays.copyOf(width, number * 2);
            fair = Arrays.copyOf(fair, number * 2);
            waiting = Arrays.copyOf(waiting, number * 2);
            lookedAt = Arrays.copyOf(lookedAt, number * 2);
            grewAt = Arrays.copyOf(grewAt, number * 2);
        }
        if (width[number] == 0 || now - lookedAt[number] > PAUSE_NANOS) {
            look(flow, endpoints, now);
            lookedAt[number] = now;
        }
        return width[number];
    }

    private void look(Flow flow, int endpoints, long now) {
        var band = flow.band();
        int number = band.number();
        double others = 0;
        for (var other : queue.bands()) {
            if (other.priority() >= band.priority()) {
                others += other.otherWork(now);
            }
        }
        fair[number] = band.grabbedWeight(now);
        // Clocks are read before the lock is taken, and the first time is any number.
        double kept = width[number] == 0 ? 0 : Math.min(1, Math.exp((lookedAt[number] - now) * 1e-9 / MEMORY_SECONDS));
        waiting[number] = waiting[number] * kept + band.otherWaitingSeconds(now) * (1 - kept);
        boolean othersWait = waiting[number] > WAITING_SECONDS * endpoints;
        double share = fair[number] * endpoints;
        int least = Math.max(1, (int) (othersWait ? Math.ceil(share * AMPLE) : share));
        int wide = Math.max(least, (int) (endpoints - HEADROOM * others));
        if (width[number] == 0 || wide < width[number]) {
            width[number] = wide;
            grewAt[number] = now;
        } else if (wide > width[number] && now - grewAt[number] > GROW_NANOS) {
            width[number]++;
            grewAt[number] = now;
        }
        width[number] = Math.min(width[number], endpoints);
    }
}
