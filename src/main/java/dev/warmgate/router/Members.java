package dev.warmgate.router;

import java.util.Comparator;
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
                .sorted(Comparator.comparingInt(Endpoint::slot))
                .toList();
        return new Members(spec, all, active);
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
