package dev.warmgate.router;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who belongs to a pool and what is set about it, at one moment. Immutable; any thread.
 *
 * @param all in configured order; those that leave at the end
 * @param active of these, the ones that take requests while they are well; by slot
 */
record Members(PoolSpec spec, List<Endpoint> all, List<Endpoint> active) {
    Members {
        all = List.copyOf(all);
        active = List.copyOf(active);
    }

    /** Returns the members with those picked that are active now. */
    static Members of(PoolSpec spec, List<Endpoint> all) {
        var active = all.stream()
                .filter(endpoint -> endpoint.state() == Endpoint.State.ACTIVE)
                .sorted((a, b) -> Integer.compare(a.slot(), b.slot())) // no archive keeps what Comparator would make
                .toList();
        return new Members(spec, all, active);
    }

    /** Returns whether so many endpoints look bad that the others would not bear it, or the looks are deceptive. */
    boolean panics() {
        int bad = 0;
        for (var endpoint : active) {
            bad += endpoint.available() ? 0 : 1;
        }
        return panics(bad);
    }

    /**
     * The same.
     *
     * @param bad how many look bad
     */
    boolean panics(int bad) {
        return bad > spec.health().panicThreshold() * active.size();
    }

    /** Returns whether requests that wait may be sent to an endpoint now: it is well, or in panic there at least. */
    boolean takes(Endpoint endpoint) {
        return endpoint.available()
                || (endpoint.state() == Endpoint.State.ACTIVE
                        && endpoint.condition() != Endpoint.Condition.GONE
                        && panics());
    }

    /** Returns the share of its usual work that an endpoint should take, 1 if no other could take more. */
    double share(Endpoint endpoint, long now) {
        double share = endpoint.share(now);
        if (share == 1) {
            return 1;
        }
        double most = share;
        for (var other : active) {
            if (other.available()) {
                most = Math.max(most, other.share(now));
            }
        }
        return share / most;
    }

    /** Returns the models known to be served, sorted. */
    Set<String> models() {
        var models = new TreeSet<>(spec.models());
        for (var endpoint : all) {
            var served = endpoint.models();
            if (served != null) {
                models.addAll(served);
            }
        }
        return models;
    }

    enum Serves {
        YES,
        NO,
        UNKNOWN
    }

    /** Returns whether a model is served. */
    Serves serves(String model) {
        if (spec.models().contains(model)) {
            return Serves.YES;
        }
        boolean anyTold = false;
        boolean mayTurnUp = false;
        for (var endpoint : all) {
            var served = endpoint.models();
            if (served == null) {
                // One that is down and never told is no reason to keep a client with a misspelt model trying.
                mayTurnUp |= endpoint.available();
            } else if (served.contains(model)) {
                return Serves.YES;
            } else {
                anyTold = true;
            }
        }
        return mayTurnUp || !anyTold ? Serves.UNKNOWN : Serves.NO;
    }
}
