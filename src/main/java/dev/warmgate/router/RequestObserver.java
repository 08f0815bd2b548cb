package dev.warmgate.router;

/**
 * Told about every request by the front doors. Called on their event loops: implementations must not block, and must
 * not throw.
 */
public interface RequestObserver {
    /** An observer that ignores everything. */
    RequestObserver NONE = new RequestObserver() {};

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
