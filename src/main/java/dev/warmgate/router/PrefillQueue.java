package dev.warmgate.router;

/**
 * What one endpoint has to prefill, and had to in the last minute.
 *
 * <p>Written and read under the pool's lock; tokens and nanoseconds may be read by anyone.
 */
final class PrefillQueue {
    /*
     * An endpoint works on several prompts at once and their first tokens often come together, so what is pending shrinks
     * in leaps, long after the work. The wait is therefore also reckoned from the clock: the queue will be empty when all
     * that was dispatched is done, one after the other, and takes SLOWDOWN times as long as alone because steps are shared
     * with requests that decode. First tokens correct it: nothing pending is no wait, and much of what is pending has
     * still to be done whatever the clock says.
     *
     * Of an answer that comes as a whole nobody hears before its end, when its prefill is long done: there the clock alone
     * counts.
     */
    static final double SLOWDOWN = 1.4;

    /** Share of what is pending that is surely still to be done. */
    private static final double SURE = 0.3;

    private static final long WINDOW_NANOS = 60_000_000_000L;

    private volatile long tokens;
    private volatile long nanos;

    // Of these, of requests whose answers come as a whole.
    private long silentTokens;
    private long silentNanos;

    private long emptyAt;

    // Work dispatched in the window at hand and in the one before.
    private long window = Long.MIN_VALUE;
    private long current;
    private long previous;

    // Only under the pool's lock, so that plain read-modify-write on the volatiles is safe.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void add(long moreTokens, long moreNanos, boolean streamed, long now) {
        emptyAt = (nanos == 0 || emptyAt - now < 0 ? now : emptyAt) + (long) (moreNanos * SLOWDOWN);
        tokens += moreTokens;
        nanos += moreNanos;
        silentTokens += streamed ? 0 : moreTokens;
        silentNanos += streamed ? 0 : moreNanos;
        roll(Math.floorDiv(now, WINDOW_NANOS));
        current += moreNanos;
    }

    // The same.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void remove(long fewerTokens, long fewerNanos, boolean streamed) {
        tokens -= fewerTokens;
        nanos -= fewerNanos;
        silentTokens -= streamed ? 0 : fewerTokens;
        silentNanos -= streamed ? 0 : fewerNanos;
    }

    /** Returns whether all is done, as far as anybody knows. */
    boolean isDone(long now) {
        return tokens == silentTokens && (tokens == 0 || emptyAt - now <= 0);
    }

    /** Returns tokens dispatched whose request has had no first token. */
    long tokens() {
        return tokens;
    }

    /** Returns how long their prefill takes alone, as predicted. */
    long nanos() {
        return nanos;
    }

    /** Returns how long a prompt that comes now waits for those before it, in seconds. */
    double waitSeconds(long now) {
        return waitSeconds(nanos, now);
    }

    /** The same, behind those only of whose prefill's end the router hears. */
    double streamedWaitSeconds(long now) {
        return waitSeconds(nanos - silentNanos, now);
    }

    private double waitSeconds(long most, long now) {
        return Math.min(most, Math.max(emptyAt - now, (long) ((nanos - silentNanos) * SURE))) * 1e-9;
    }

    /** Returns seconds of prefill dispatched per second, over the last one to two minutes, recent ones counting most. */
    double utilisation(long now) {
        // The two that depend on the time alone are computed once for all endpoints of a loop.
        long at = Math.floorDiv(now, WINDOW_NANOS);
        double rest = 1 - (double) (now - at * WINDOW_NANOS) / WINDOW_NANOS;
        roll(at);
        boolean late = at != window;
        return (current + previous * (late ? 1 : rest)) / WINDOW_NANOS;
    }

    /** Goes on to a window, unless that is the one before: clocks are read before the lock is taken. */
    private void roll(long at) {
        if (at != window && at != window - 1) {
            previous = at == window + 1 ? current : 0;
            current = 0;
            window = at;
        }
    }
}
