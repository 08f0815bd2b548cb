package dev.warmgate.router.admission;

import org.jspecify.annotations.Nullable;

/**
 * One request that waits. Owned by the pool's lock.
 */
public abstract class QueuedRequest {
    /** The {@code targetAt} of a request without a target. */
    public static final long NO_TARGET = Long.MAX_VALUE;

    private final Flow flow;
    private final boolean running;
    private final double seconds;
    private final long bytes;
    private final long arrivedAt;
    private final long expiresAt;

    /** When it must have a place to reach its target. */
    private final long targetAt;

    long number;

    /** Place in a line's heap. */
    int inLine = -1;

    /** Place in the heap of expiries. */
    int byExpiry = -1;

    boolean late;

    @Nullable
    Line line;

    /** The endpoint it waits for, or what else is said by {@link AdmissionQueue#ANY} and {@link AdmissionQueue#NONE}. */
    int slot = AdmissionQueue.ANY;

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
     * @param expiresAt when it has waited long enough; within a century of now, so that differences do not overflow
     * @param targetAt when it must have a place to reach its target, within a century too; or {@link #NO_TARGET}
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

    /** Returns the endpoint it waits for, or {@link AdmissionQueue#ANY} or {@link AdmissionQueue#NONE}. */
    public int slot() {
        return slot;
    }

    /** Returns whether it is too late to reach its target. */
    boolean missesTarget(long now) {
        return targetAt != NO_TARGET && targetAt - now < 0;
    }

    /** Compares two requests of one flow that are both late, or both not: the most urgent first, none being last. */
    static int compareWithinFlow(QueuedRequest a, QueuedRequest b) {
        int order = a.late || a.targetAt == b.targetAt
                ? 0
                : a.targetAt == NO_TARGET ? 1 : b.targetAt == NO_TARGET ? -1 : Long.compare(a.targetAt - b.targetAt, 0);
        return order != 0 ? order : Long.compare(a.number, b.number);
    }

    /** Returns which of two requests of a band goes first; each is the first of those it comes from. */
    static @Nullable QueuedRequest first(@Nullable QueuedRequest a, @Nullable QueuedRequest b) {
        return a == null || b == null ? a == null ? b : a : a.isBefore(b) ? a : b;
    }

    private boolean isBefore(QueuedRequest other) {
        if (late != other.late) {
            return late
                    ? flow.share().lags(other.flow.share())
                    : !other.flow.share().lags(flow.share());
        }
        var share = flow.share();
        var otherShare = other.flow.share();
        if (share != otherShare) {
            int order = Double.compare(share.received.work(), otherShare.received.work());
            return order != 0 ? order < 0 : share.since < otherShare.since;
        }
        if (flow != other.flow) {
            int order = Double.compare(flow.received.work(), other.flow.received.work());
            return order != 0 ? order < 0 : flow.since < other.flow.since;
        }
        return running == other.running ? compareWithinFlow(this, other) < 0 : running;
    }
}
