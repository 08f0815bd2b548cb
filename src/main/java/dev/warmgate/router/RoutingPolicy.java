package dev.warmgate.router;

import org.jspecify.annotations.Nullable;

/**
 * Chooses an endpoint. Called under the pool's lock: an implementation must be quick, must not block and must not call
 * back into the router.
 */
public interface RoutingPolicy {
    /** The name in configuration, metrics and reports, for example {@code round-robin}. */
    String name();

    /** Whether {@link Candidates#match} is wanted; blind policies answer false and save the lookup. */
    default boolean readsPrefixIndex() {
        return false;
    }

    /**
     * Whether {@link #choose} looks at {@link Candidates#share}, so that endpoints that came or came back get less at first.
     * For other policies such endpoints are left out by chance.
     */
    default boolean pricesSlowStart() {
        return false;
    }

    /**
     * Chooses among at least one candidate.
     *
     * @return an index between 0 and {@link Candidates#size} − 1
     */
    int choose(Candidates candidates);

    /** Forgets what it knows about a slot, because its endpoint is gone. Called under the pool's lock, as is {@link #choose}. */
    default void forget(int slot) {}

    /**
     * Returns what {@link #choose} compared for candidate {@code i}, or null for a policy that compares no costs. Called
     * for an {@link Explanation} only: right after the choice, before it is booked, under the same hold of the lock, so
     * that what the choice left behind may be used; must not change the policy's state or draw random numbers.
     */
    default Explanation.@Nullable Price price(Candidates candidates, int i) {
        return null;
    }
}
