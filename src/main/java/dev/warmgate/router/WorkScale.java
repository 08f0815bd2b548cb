package dev.warmgate.router;

/**
 * How the work that an endpoint did compares with the time that it took: what is charged for its requests together is the time
 * in which it was busy. Owned by the pool's lock.
 */
final class WorkScale {
    /*
     * The formula of Work says how a prompt compares with an answer, from a learned speed and constants of hardware. Learned
     * speeds are too low where many answers run beside the prompts, and by how much differs between endpoints. So what is
     * charged is scaled, for each endpoint, by
     *
     *   (PRIOR + seconds in which it had requests in flight) / (PRIOR + work done)
     *
     * both counting less by 1/e after a minute. Of what is in flight half counts as done. PRIOR is small: where the formula is
     * off, it keeps the factor from being right.
     */

    private static final double MEMORY_NANOS = 60e9;

    /** Seconds for which the formula is believed before anything was seen. */
    private static final double PRIOR_SECONDS = 1;

    /** Share of what is in flight that counts as done. */
    private static final double BEGUN = 0.5;

    /** What is further off is something else: an endpoint that stands still, or answers that nobody reads. */
    private static final double MOST = 2;

    private double busySeconds;
    private double workSeconds;
    private long passedAt;

    /** Lets time pass up to now, in which it was busy or not. */
    void pass(boolean busy, long now) {
        // Clocks are read before the lock is taken, and the first time is any number.
        double nanos = Math.max(0, now - passedAt);
        passedAt = now;
        double kept = Math.exp(-nanos / MEMORY_NANOS);
        busySeconds *= kept;
        workSeconds *= kept;
        if (busy) {
            busySeconds += (1 - kept) * MEMORY_NANOS * 1e-9;
        }
    }

    /** Hears of work that begins, as expected, and returns how much of it is counted already. */
    double begins(double seconds) {
        double counted = seconds * BEGUN;
        workSeconds += counted;
        return counted;
    }

    /** Hears of work that has ended, of which some was {@linkplain #begins counted} when it began. */
    void ends(double seconds, double counted) {
        workSeconds = Math.max(0, workSeconds + seconds - counted);
    }

    /** Returns how many seconds a second of work takes. */
    double factor() {
        double factor = (PRIOR_SECONDS + busySeconds) / (PRIOR_SECONDS + workSeconds);
        return Math.clamp(factor, 1 / MOST, MOST);
    }
}
