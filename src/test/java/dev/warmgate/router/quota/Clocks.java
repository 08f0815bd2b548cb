package dev.warmgate.router.quota;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/** A nano clock and a calendar that tests set, and stores on them. */
final class Clocks implements InstantSource {
    static final QuotaScope.OfTenant ACME = new QuotaScope.OfTenant("acme");

    private long nanos = -5_000_000_000L;
    private Instant instant = Instant.parse("2026-03-01T12:00:00Z");

    void advance(Duration time) {
        nanos += time.toNanos();
        instant = instant.plus(time);
    }

    /** Sets the calendar alone. */
    void set(String time) {
        instant = Instant.parse(time);
    }

    @Override
    public Instant instant() {
        return instant;
    }

    InMemoryQuotaStore store() {
        return new InMemoryQuotaStore(() -> nanos, this);
    }

    Quotas quotas(QuotaSpec spec) {
        return new Quotas(store(), spec);
    }

    Quotas quotas(QuotaKind kind, double limit) {
        return quotas(QuotaSpec.of(Map.of(ACME, QuotaLimits.NONE.with(kind, limit))));
    }
}
