package dev.warmgate.router;

/** Who waits for a request that {@link Router#admit} queued. */
@FunctionalInterface
public interface Waiter {
    /**
     * Hears what became of the request: {@link RouteResult.Routed}, {@link RouteResult.Refused} or
     * {@link RouteResult.Unavailable}.
     *
     * <p>Called at most once, on whichever thread happened to make room, perhaps before {@link Router#admit} returns,
     * never with a lock held. Must be quick and not throw: one that needs another thread goes there.
     */
    void decided(RouteResult result);
}
