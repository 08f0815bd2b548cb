package dev.warmgate.router.quota;

/**
 * A bucket that refills continuously: what is used comes back at the rate of the limit per minute, so the limit is also
 * the largest burst, and any stretch of T minutes sees at most (1 + T) times the limit counted.
 *
 * <p>What is held does not come back, or a refund would be given twice; but a request may run for many minutes without
 * telling what it uses, and must not take room for all of them. So what was held for 45 to 60 seconds is counted as used,
 * and cannot be refunded any more: after a minute as a burst it would have come back anyway. The ages are kept in four
 * generations of 15 seconds, not one by one.
 */
final class MinuteAccount extends Account {
    private static final double NANOS_PER_MINUTE = 60e9;
    private static final int GENERATIONS = 4;

    private final long[] heldSince = new long[GENERATIONS];
    private long generation;
    private long refilledAt;

    /** What came back and is not a whole unit yet. */
    private double fraction;

    MinuteAccount(QuotaLimit limit) {
        super(limit);
    }

    @Override
    void refresh(Moment now) {
        long present = now.generation();
        for (int i = 0; i < GENERATIONS && generation < present; i++) {
            generation++;
            // The slot of the oldest generation becomes that of the new one.
            int slot = slot(generation);
            if (heldSince[slot] > 0) {
                refill(generation * Moment.GENERATION_NANOS);
                age(heldSince[slot]);
                heldSince[slot] = 0;
            }
        }
        generation = Math.max(generation, present);
        refill(now.nanos());
    }

    private void refill(long at) {
        if (used() == 0) {
            fraction = 0;
        } else if (at > refilledAt) {
            double back = fraction + limitUnits() * ((at - refilledAt) / NANOS_PER_MINUTE);
            long whole = (long) back;
            fraction = whole < used() ? back - whole : 0;
            used(used() - Math.min(whole, used()));
        }
        refilledAt = Math.max(refilledAt, at);
    }

    @Override
    boolean aged(Moment since) {
        return generation - since.generation() >= GENERATIONS;
    }

    @Override
    void hold(long amount, Moment now) {
        super.hold(amount, now);
        heldSince[slot(now.generation())] += amount;
    }

    @Override
    void release(long amount, Moment since) {
        super.release(amount, since);
        heldSince[slot(since.generation())] -= amount;
    }

    @Override
    long nanosUntilFree(long deficit, Moment now) {
        return nanosFor(deficit);
    }

    @Override
    long nanosUntilFull(Moment now) {
        return used() + held() == 0 ? 0 : nanosFor(used() + held());
    }

    /** One more than computed, because of rounding: who waits that long shall not be refused again. */
    private long nanosFor(long units) {
        return (long) Math.ceil(units * NANOS_PER_MINUTE / limitUnits()) + 1;
    }

    private static int slot(long generation) {
        return (int) (generation % GENERATIONS);
    }
}
