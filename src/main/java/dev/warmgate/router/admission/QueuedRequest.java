package dev.warmgate.router.admission;

import org.jspecify.annotations.Nullable;

/**
 * One request that waits. Owned by the pool's lock.
 */
public abstract class QueuedRequest {
    private final Flow flow;
    private final boolean running;
    private final double seconds;
    private final long bytes;
    private final long arrivedAt;
    private final long expiresAt;

    /** When it must have a place to reach its target; Long.MAX_VALUE without one. */
    private final long targetAt;

    long number;

    /** Place in a line's heap. */
    int inLine = -1;

    /** Place in the heap of expiries. */
    int byExpiry = -1;

    boolean late;

    @Nullable
    Line line;

    /** The endpoint it waits for, or -1 if it waits for any. */
    int slot = -1;

    @Nullable
    QueuedRequest older;

    @Nullable
    QueuedRequest newer;

    /**
     * Creates a request to be queued.
     *
     * @param running whether it continues a session that is under way
     * @param seconds the work it is expected to be for an endpoint
     * @param bytes what holding it takes
     * @param arrivedAt now, on the router's clock
     * @param expiresAt when it has waited long enough
     * @param targetAt when it must have a place to reach its target; {@link Long#MAX_VALUE} without one
     */
    protected QueuedRequest(
            Flow flow, boolean running, double seconds, long bytes, long arrivedAt, long expiresAt, long targetAt) {
        this.flow = flow;
        this.running = running;
        this.seconds = seconds;
        this.bytes = bytes;
        this.arrivedAt = arrivedAt;
        this.expiresAt = expiresAt;
        this.targetAt = targetAt;
    }

    /** Returns the flow it belongs to. */
    public Flow flow() {
        return flow;
    }

    /** Returns whether it continues a session that is under way. */
    public boolean running() {
        return running;
    }

    /** Returns the work it is expected to be, in seconds of an endpoint. */
    public double seconds() {
        return seconds;
    }

    /** Returns what holding it takes. */
    public long bytes() {
        return bytes;
    }

    /** Returns since when it waits. */
    public long arrivedAt() {
        return arrivedAt;
    }

    /** Returns when it has waited long enough. */
    public long expiresAt() {
        return expiresAt;
    }

    /** Returns the endpoint it waits for, or -1 if it waits for any. */
    public int slot() {
        return slot;
    }

    /** Returns when it must have a place to reach its target. */
    long targetAt() {
        return targetAt;
    }
}
