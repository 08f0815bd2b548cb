package dev.warmgate.router.quota;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The level of one limit in memory. Guarded by the lock of its {@link ScopeLedger}.
 *
 * <p>What is reserved is first <em>held</em>: it takes room, and can be given back exactly. When it is used it is
 * <em>counted</em>, and from then on comes back by the rule of the window. Were it counted when it is reserved, and had
 * part of that come back with time, then a refund would give back that part a second time.
 */
abstract sealed class Account permits MinuteAccount, DayAccount, RunningAccount {
    /** Above every limit, and far enough below the largest long that sums of two do not overflow. */
    private static final long CAP = Long.MAX_VALUE / 4;

    private QuotaLimit limit;
    private long limitUnits;
    private long used;
    private long held;

    // Doubles, because they only ever grow; exact up to 2^53 units.
    private double reservedTotal;
    private double settledTotal;
    private double refundedTotal;

    Account(QuotaLimit limit) {
        this.limit = limit;
        this.limitUnits = limit.kind().toUnits(limit.limit());
    }

    static Account of(QuotaLimit limit) {
        return switch (limit.kind().window()) {
            case MINUTE -> new MinuteAccount(limit);
            case DAY -> new DayAccount(limit);
            case RUNNING -> new RunningAccount(limit);
        };
    }

    /** Brings the level to the present; comes before everything else. */
    abstract void refresh(Moment now);

    /** Returns whether what was held since that moment has been counted meanwhile. */
    abstract boolean aged(Moment since);

    /** Returns when that much more than now will be free, in nanoseconds; deficit and now are above 0. */
    abstract long nanosUntilFree(long deficit, Moment now);

    abstract long nanosUntilFull(Moment now);

    final QuotaLimit limit() {
        return limit;
    }

    void limit(QuotaLimit changed) {
        limit = changed;
        limitUnits = changed.kind().toUnits(changed.limit());
    }

    final long limitUnits() {
        return limitUnits;
    }

    final long used() {
        return used;
    }

    final void used(long units) {
        used = Math.clamp(units, 0, CAP);
    }

    final long held() {
        return held;
    }

    final boolean hasRoom(long amount) {
        return amount <= limitUnits - used - held;
    }

    /** Tells why there is no room. */
    final QuotaRefusal refuse(long amount, Moment now) {
        long left = limitUnits - used - held;
        var kind = limit.kind();
        Duration wait = amount > limitUnits ? null : Duration.ofNanos(nanosUntilFree(amount - left, now));
        return new QuotaRefusal(
                limit, kind.fromUnits((double) amount), kind.fromUnits((double) Math.max(0, left)), wait);
    }

    /** Takes room, from that moment on. */
    void hold(long amount, Moment now) {
        held += amount;
    }

    /** Holds no longer what was held since that moment, because it is counted or given back. */
    void release(long amount, Moment since) {
        held -= amount;
    }

    /** Turns what was held into used without anybody having said so. */
    final void age(long amount) {
        held -= amount;
        used(used + amount);
    }

    /** Counts what was used. */
    void count(long amount) {
        used(used + amount);
    }

    /** Takes back what was counted too much, as far as that is possible. */
    void uncount(long amount) {}

    /** Notes that a request ended. */
    void ended(Moment since, Moment now) {}

    /** Notes that more was reserved. */
    final void reserved(long amount) {
        reservedTotal += amount;
    }

    /** Notes what became of a reservation. */
    final void settled(long booked, long amount) {
        settledTotal += amount;
        if (amount > booked) {
            reservedTotal += amount - booked;
        } else {
            refundedTotal += booked - amount;
        }
    }

    final QuotaState state(Moment now) {
        refresh(now);
        var kind = limit.kind();
        return new QuotaState(
                limit,
                kind.fromUnits((double) used),
                kind.fromUnits((double) held),
                Duration.ofNanos(nanosUntilFull(now)),
                kind.fromUnits(reservedTotal),
                kind.fromUnits(settledTotal),
                kind.fromUnits(refundedTotal));
    }

    /**
     * One moment on both clocks.
     *
     * @param nanos since the store was made, at least 0; never goes back
     * @param millis since 1970 UTC; may jump
     */
    record Moment(long nanos, long millis) {
        /** Fifteen seconds: how finely the age of reservations is known. */
        static final long GENERATION_NANOS = 15_000_000_000L;

        long generation() {
            return nanos / GENERATION_NANOS;
        }
    }

    /** Returns the reason that lasts longer. */
    static QuotaRefusal longer(@Nullable QuotaRefusal one, QuotaRefusal other) {
        return one != null && !other.outlasts(one) ? one : other;
    }
}
