package dev.warmgate.router.quota;

/** A number of requests that may run at once: held until they end, never counted as used. */
final class RunningAccount extends Account {
    private static final double FIRST_GUESS_NANOS = 1e9;

    /** Weight of the newest request in the mean of how long requests run. */
    private static final double NEWEST = 1.0 / 8;

    private double meanNanos;

    RunningAccount(QuotaLimit limit) {
        super(limit);
    }

    @Override
    void refresh(Moment now) {}

    @Override
    boolean aged(Moment since) {
        return false;
    }

    @Override
    void count(long amount) {}

    @Override
    void ended(Moment since, Moment now) {
        double nanos = now.nanos() - since.nanos();
        meanNanos = meanNanos == 0 ? nanos : meanNanos + NEWEST * (nanos - meanNanos);
    }

    /** By Little's law: with N running for a mean time of T, one ends every T/N. */
    @Override
    long nanosUntilFree(long deficit, Moment now) {
        double mean = meanNanos == 0 ? FIRST_GUESS_NANOS : meanNanos;
        return Math.max(1, (long) (mean * deficit / Math.max(1, held())));
    }

    @Override
    long nanosUntilFull(Moment now) {
        return held() == 0 ? 0 : (long) (meanNanos == 0 ? FIRST_GUESS_NANOS : meanNanos);
    }
}
