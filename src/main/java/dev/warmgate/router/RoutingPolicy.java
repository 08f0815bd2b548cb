package dev.warmgate.router;

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
     * Chooses among at least one candidate.
     *
     * @return an index between 0 and {@link Candidates#size} − 1
     */
    int choose(Candidates candidates);
}
