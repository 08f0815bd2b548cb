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
    private final Times times;

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
     * When a request waits, on the router's clock; all within a century of each other, so that differences do not overflow.
     *
     * @param arrivedAt since when
     * @param expiresAt when it has waited long enough
     * @param targetAt when it must have a place to reach its target; or {@link #NO_TARGET}
     * @param turnAt when it is its turn among its flow's, unless its target wants it sooner
     */
    public record Times(long arrivedAt, long expiresAt, long targetAt, long turnAt) {}

    /**
     * Creates a request to be queued.
     *
     * @param running whether it continues a session that is under way
     * @param seconds the work it is expected to be for an endpoint
     * @param bytes what holding it takes
     */
    protected QueuedRequest(Flow flow, boolean running, double seconds, long bytes, Times times) {
        this.flow = flow;
        this.running = running;
        this.seconds = seconds;
        this.bytes = bytes;
        this.times = times;
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
        return times.arrivedAt;
    }

    /** Returns when it has waited long enough. */
    public long expiresAt() {
        return times.expiresAt;
    }

    /** Returns the endpoint it waits for, or {@link AdmissionQueue#ANY} or {@link AdmissionQueue#NONE}. */
    public int slot() {
        return slot;
    }

    /** Returns whether it is too late to reach its target. */
    boolean missesTarget(long now) {
        return hasTarget() && times.targetAt - now < 0;
    }

    /**
     * Compares two requests of one flow that are both late, or both not: those with a target first, then whose turn is first.
     */
    static int compareWithinFlow(QueuedRequest a, QueuedRequest b) {
        if (a.hasTarget() != b.hasTarget()) {
            return a.hasTarget() ? -1 : 1;
        }
        long sooner = a.dueAt() - b.dueAt();
        return Long.compare(sooner == 0 ? a.number - b.number : sooner, 0);
    }

    private boolean hasTarget() {
        return times.targetAt != NO_TARGET;
    }

    private long dueAt() {
        return late || !hasTarget() || times.turnAt - times.targetAt < 0 ? times.turnAt : times.targetAt;
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
        return compareWithinFlow(this, other) < 0;
    }
}
