package dev.warmgate.router.profile;

import dev.warmgate.router.Endpoint;
import java.util.Map;
import java.util.Set;

/** A plugin at work in one chain, with what it remembers. Owned by the pool's lock. */
interface Step {
    /** Returns the header fields that it reads, in lower case. */
    default Set<String> hints() {
        return Set.of();
    }

    /** Hears that the round's choice is booked. */
    default void booked(Round round, int choice) {}

    /** Forgets an endpoint that is gone. */
    default void forget(int slot) {}

    /**
     * Returns what the client is told of where its request went.
     *
     * @param profile the profile that chose
     */
    default Map<String, String> tells(String profile, Endpoint endpoint) {
        return Map.of();
    }

    /** A filter at work. */
    @FunctionalInterface
    interface Filtering extends Step {
        /** Leaves those that may take the request. */
        void filter(Round round);
    }

    /** A scorer at work. */
    @FunctionalInterface
    interface Scoring extends Step {
        /** Rates those that are left: puts a score for the {@code k}-th of them at {@code scores[k]}. */
        void score(Round round, double[] scores);
    }
}
