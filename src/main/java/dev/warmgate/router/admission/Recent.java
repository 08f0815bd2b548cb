package dev.warmgate.router.admission;

/** A sum whose parts count less the older they are: 1/e after ten seconds. Owned by the pool's lock. */
final class Recent {
    static final double MEMORY_SECONDS = 10;
    private static final double MEMORY_NANOS = MEMORY_SECONDS * 1e9;

    private double sum;
    private long at;

    double get(long now) {
        // Clocks are read before the lock is taken, and the first time is any number.
        return sum * Math.min(1, Math.exp((at - now) / MEMORY_NANOS));
    }

    void add(double more, long now) {
        sum = get(now) + more;
        at = now;
    }
}
