package dev.warmgate.router;

import org.jspecify.annotations.Nullable;

/**
 * Told about every request by the front doors. Called on their event loops: implementations must not block, and must
 * not throw.
 */
public interface RequestObserver {
    /** An observer that ignores everything. */
    RequestObserver NONE = new RequestObserver() {};

    /** Returns whether requests may get a place in a trace, so that {@link #begun} is worth a look into their header. */
    default boolean traces() {
        return false;
    }

    /**
     * A request begins, where {@link #traces} says so.
     *
     * @param traceParent the valid field of that name (W3C Trace Context), by which its sender says what it is part of; or
     *     null
     * @return its place in a trace, or null if there are none
     */
    default @Nullable Trace begun(@Nullable String traceParent) {
        return null;
    }

    /** A request ended, however it ended. Called exactly once per request that a front door began to read. */
    default void ended(RequestReport report) {}

    /**
     * An attempt failed and the request goes to another endpoint.
     *
     * @param pool the pool's name
     * @param endpoint the endpoint that failed
     * @param kind how it failed
     */
    default void retried(String pool, String endpoint, FailureKind kind) {}
}
