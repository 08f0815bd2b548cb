package dev.warmgate.router.quota;

/**
 * A budget for each calendar day in UTC. What is held at midnight counts for the new day when it is used.
 *
 * <p>The wall clock may be set back. A step back into the day before changes nothing, so that a correction around
 * midnight does not bring the old day back; any other day is believed, so that a clock that once was far ahead does not
 * stop the account for years.
 */
final class DayAccount extends Account {
    private static final long MILLIS_PER_DAY = 86_400_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    /** How long requests run that might give back what they hold; a guess, used when no more than that is missing. */
    private static final long REFUND_NANOS = 1_000_000_000L;

    private long day = Long.MIN_VALUE;

    DayAccount(QuotaLimit limit) {
        super(limit);
    }

    @Override
    void refresh(Moment now) {
        long today = Math.floorDiv(now.millis(), MILLIS_PER_DAY);
        if (today != day && today != day - 1) {
            day = today;
            used(0);
        }
    }

    @Override
    boolean aged(Moment since) {
        return false;
    }

    @Override
    void uncount(long amount) {
        used(used() - amount);
    }

    @Override
    long nanosUntilFree(long deficit, Moment now) {
        long midnight = nanosUntilMidnight(now);
        return deficit <= held() ? Math.min(REFUND_NANOS, midnight) : midnight;
    }

    @Override
    long nanosUntilFull(Moment now) {
        return used() + held() == 0 ? 0 : nanosUntilMidnight(now);
    }

    private long nanosUntilMidnight(Moment now) {
        return ((day + 1) * MILLIS_PER_DAY - now.millis()) * NANOS_PER_MILLI;
    }
}
