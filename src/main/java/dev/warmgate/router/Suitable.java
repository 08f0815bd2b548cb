package dev.warmgate.router;

import org.jspecify.annotations.Nullable;

/**
 * Who may take the requests for one model that may go anywhere. It holds until somebody's health, state or models change, so
 * that of a hundred endpoints that are well not each is looked at for every request. Immutable; any thread.
 */
final class Suitable {
    private final Members members;
    private final int changes;
    private final RoutingPolicy policy;
    private final String model;

    /** By slot; never written to. */
    private final Endpoint[] endpoints;

    private final boolean slow;

    /** When the last of those that start slowly takes its usual share; meaningful only if {@link #slow}. */
    private final long slowUntil;

    private Suitable(Candidates candidates, int changes, RoutingPolicy policy) {
        this.members = candidates.members();
        this.changes = changes;
        this.policy = policy;
        this.model = candidates.request().model();
        this.endpoints = new Endpoint[candidates.size()];
        long longest = 0;
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = candidates.endpoint(i);
            longest = Math.max(longest, endpoints[i].slowNanos(candidates.nanoTime()));
        }
        this.slow = longest > 0;
        this.slowUntil = candidates.nanoTime() + longest;
    }

    Endpoint[] endpoints() {
        return endpoints;
    }

    /** Returns whether any of them takes less than its usual share at a time. */
    boolean startsSlowly(long now) {
        return slow && now - slowUntil < 0;
    }

    /** What was found for the last models that were asked for. Any thread. */
    static final class Memory {
        /** More models than this take turns. */
        private static final int SIZE = 16;

        // Not synchronized: who does not find what another thread left looks at the endpoints itself.
        private final @Nullable Suitable[] known = new Suitable[SIZE];

        /**
         * Returns who may take requests for a model, or null if nobody looked since something changed.
         *
         * @param changes what {@link Roster#changes} is
         * @param policy for which: some look at roles
         */
        @Nullable
        @SuppressWarnings("ReferenceEquality") // each change publishes new ones
        Suitable find(Members members, int changes, RoutingPolicy policy, String model) {
            var found = known[at(model)];
            return found != null
                            && found.changes == changes
                            && found.members == members
                            && found.policy == policy
                            && found.model.equals(model)
                    ? found
                    : null;
        }

        /**
         * Takes what was found: all that may take the request, and that time alone does not change it.
         *
         * @param changes what {@link Roster#changes} was before anybody was looked at
         */
        void keep(Candidates candidates, int changes, RoutingPolicy policy) {
            var found = new Suitable(candidates, changes, policy);
            known[at(found.model)] = found;
        }

        private static int at(String model) {
            return model.hashCode() & (SIZE - 1);
        }
    }
}
