package dev.warmgate.router;

import dev.warmgate.router.admission.Band;
import dev.warmgate.router.admission.Flow;
import dev.warmgate.router.admission.QueuedRequest;
import java.time.Duration;

/**
 * A place in a pool's queue. Any thread may call {@link #leave}; all else belongs to the pool's lock.
 */
public final class Ticket extends QueuedRequest {
    /*
     * Of those that wait for the same endpoint the mean wait is shortest where the shortest goes first (Smith, "Various
     * optimizers for single-stage production", 1956), but then the longest may wait for ever. So it is a request's turn when
     * it has waited for some times as long as its prefill takes: who is twice as long lets others go first for twice as long,
     * and none that come later. Its target may want it to go sooner.
     */

    /** For how many times as long as its prefill takes a request lets shorter ones that come later go first. */
    private static final double STRETCH = 5;

    /** Share of a target that is kept for what is not foreseen. */
    private static final double MARGIN = 0.3;

    /** A wait or target longer than this is as good as none, and a clock's differences do not overflow. */
    private static final Duration LONGEST = Duration.ofDays(30_000);

    private static final double NANOS = 1e9;

    private final Pool pool;
    private final InferenceRequest request;
    private final Waiter waiter;

    /** Prefill where it waits, in seconds, as last priced; guarded by the pool's lock. */
    private double prefillSeconds;

    /** KV cache that it will take there, in tokens; guarded by the pool's lock. */
    private double kvTokens;

    /** Whether it yields to others where it waits; guarded by the pool's lock. */
    private boolean yields;

    /** Whether it waits; guarded by the pool's lock. */
    private boolean waiting = true;

    Ticket(
            Pool pool,
            InferenceRequest request,
            Waiter waiter,
            Flow flow,
            boolean running,
            double seconds,
            Times times) {
        super(flow, running, seconds, request.bytes(), times);
        this.pool = pool;
        this.request = request;
        this.waiter = waiter;
    }

    /** Returns when a request waits that comes now and needs so much prefill. */
    static Times times(InferenceRequest request, Band band, double prefillSeconds, long now) {
        var standing = request.standing();
        double wait = Math.min(longestWait(band) / NANOS, standing.timeoutSeconds());
        double target = standing.ttftSeconds() * (1 - MARGIN) - prefillSeconds;
        double turn = Math.min(STRETCH * prefillSeconds, (double) LONGEST.toSeconds());
        return new Times(
                now,
                now + (long) (wait * NANOS),
                target > LONGEST.toSeconds() ? NO_TARGET : now + (long) (target * NANOS),
                now + (long) (turn * NANOS));
    }

    /** Returns how long those of a band wait at most, in nanoseconds. */
    static long longestWait(Band band) {
        var wait = band.settings().maxWait();
        return (wait.compareTo(LONGEST) > 0 ? LONGEST : wait).toNanos();
    }

    /**
     * Gives the place back, because the client has left.
     *
     * @return whether the request still waited; if not, the waiter was told what became of it, or is being told now, and
     *     must settle what it gets
     */
    public boolean leave() {
        return pool.leaveQueue(this);
    }

    InferenceRequest request() {
        return request;
    }

    Waiter waiter() {
        return waiter;
    }

    double prefillSeconds() {
        return prefillSeconds;
    }

    double kvTokens() {
        return kvTokens;
    }

    /** Hears what it costs where it waits. */
    void priced(double prefill, double tokens) {
        prefillSeconds = prefill;
        kvTokens = tokens;
    }

    boolean yields() {
        return yields;
    }

    void yields(boolean does) {
        yields = does;
    }

    boolean waiting() {
        return waiting;
    }

    void over() {
        waiting = false;
    }
}
