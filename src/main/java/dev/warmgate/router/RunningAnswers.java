package dev.warmgate.router;

/**
 * How much of its answers one endpoint has generated so far, reckoned from the clock: a gateway need not count tokens as
 * they pass.
 *
 * <p>Owned by the pool's lock.
 */
final class RunningAnswers {
    /*
     * With k answers begun at b_1 … b_k and r tokens per second and answer, r·(k·now − Σ b) tokens are there. r comes from
     * the answers that ended here, the last 64 counting most; as times are nanoseconds, sums may wrap around, their
     * differences do not.
     */
    private static final double KEPT = 1 - 1.0 / 64;

    private int count;
    private long beginnings;
    private double endedTokens;
    private double endedNanos;

    /** Tokens of an answer per nanosecond; 0 while no answer has ended. */
    private double speed;

    /** Hears that an answer's first token came. */
    void begin(long now) {
        count++;
        beginnings += now;
    }

    /**
     * Hears that an answer ended.
     *
     * @param began when {@link #begin} was called for it
     * @param tokens its length, or -1 if unknown
     */
    void end(long began, long now, int tokens) {
        count--;
        beginnings -= began;
        if (tokens > 1 && now - began > 0) {
            endedTokens = endedTokens * KEPT + tokens;
            endedNanos = endedNanos * KEPT + (now - began);
            speed = endedTokens / endedNanos;
        }
    }

    /** Returns the tokens of all running answers together; 0 while no answer has ended. */
    double tokens(long now) {
        return speed * (count * now - beginnings);
    }
}
