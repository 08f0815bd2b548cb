package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.Band;
import dev.warmgate.router.admission.Flow;
import java.util.ArrayList;
import java.util.List;

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

    /** Whoever grabs looks at it more often. */
    private static final long KEPT_NANOS = 1_000_000_000L;

    /** How often it becomes larger by an endpoint; smaller at once. */
    private static final long GROW_NANOS = 5_000_000_000L;

    private final Roster roster;
    private final AdmissionQueue queue;
    private final Demand demand;

    /** By the bands' numbers. */
    private final List<Width> widths = new ArrayList<>();

    /** How wide the corner of a band is, and by what. */
    private static final class Width {
        /** Endpoints; 0 before the first look. */
        int endpoints;

        double fair;
        double waiting;
        boolean othersWait;
        long lookedAt;
        long grewAt;
    }

    Corner(Roster roster, AdmissionQueue queue, Demand demand) {
        this.roster = roster;
        this.queue = queue;
        this.demand = demand;
    }

    /** Returns the share of the endpoints that requests of a flow may use: 1 for all but those who grab. */
    double share(Flow flow, long now) {
        int endpoints = roster.members().active().size();
        return endpoints < 2 || !flow.grabs(now) || !demand.isTooMuch(flow.band(), now)
                ? 1
                : Math.min(1, (double) width(flow, endpoints, now) / endpoints);
    }

    /** Returns the share of its time that an endpoint prefills for a flow that hogs. */
    double duty(Flow flow, double otherwise, long now) {
        int endpoints = roster.members().active().size();
        if (share(flow, now) == 1) {
            return otherwise;
        }
        var width = of(flow);
        return Math.clamp(width.fair * endpoints / width.endpoints, otherwise, MOST_DUTY);
    }

    /** Returns the share of the endpoints that those who grab in a band, or below it, have for themselves; 0 without any. */
    double taken(Band band, long now) {
        if (widths.isEmpty()) {
            return 0; // nobody ever grabbed
        }
        int endpoints = roster.members().active().size();
        int most = 0;
        for (var other : queue.bands()) {
            if (other.priority() <= band.priority() && other.number() < widths.size()) {
                var width = widths.get(other.number());
                if (width.endpoints > 0 && !width.othersWait && now - width.lookedAt < KEPT_NANOS) {
                    most = Math.max(most, width.endpoints);
                }
            }
        }
        return most < endpoints ? (double) most / endpoints : 0;
    }

    private Width of(Flow flow) {
        int number = flow.band().number();
        while (widths.size() <= number) {
            widths.add(new Width());
        }
        return widths.get(number);
    }

    private int width(Flow flow, int endpoints, long now) {
        var width = of(flow);
        if (width.endpoints == 0 || now - width.lookedAt > PAUSE_NANOS) {
            look(flow, width, endpoints, now);
            width.lookedAt = now;
        }
        return width.endpoints;
    }

    private void look(Flow flow, Width width, int endpoints, long now) {
        var band = flow.band();
        double others = 0;
        for (var other : queue.bands()) {
            if (other.priority() >= band.priority()) {
                others += other.otherWork(now);
            }
        }
        width.fair = band.grabbedWeight(now);
        // Clocks are read before the lock is taken, and the first time is any number.
        double kept = width.endpoints == 0 ? 0 : Math.min(1, Math.exp((width.lookedAt - now) * 1e-9 / MEMORY_SECONDS));
        width.waiting = width.waiting * kept + band.otherWaitingSeconds(now) * (1 - kept);
        width.othersWait = width.waiting > WAITING_SECONDS * endpoints;
        double share = width.fair * endpoints;
        int least = Math.max(1, (int) (width.othersWait ? Math.ceil(share * AMPLE) : share));
        int wide = Math.max(least, (int) (endpoints - HEADROOM * others));
        if (width.endpoints == 0 || wide < width.endpoints) {
            width.endpoints = wide;
            width.grewAt = now;
        } else if (wide > width.endpoints && now - width.grewAt > GROW_NANOS) {
            width.endpoints++;
            width.grewAt = now;
        }
        width.endpoints = Math.min(width.endpoints, endpoints);
    }
}
