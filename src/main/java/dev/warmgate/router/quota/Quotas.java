package dev.warmgate.router.quota;

import dev.warmgate.router.quota.QuotaAccounts.Booking;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The quotas of all tenants and models: the way in of this package. Any thread.
 *
 * <p>A request counts for its tenant, for its model, and for both together, as far as these have limits; it is admitted
 * if all of them have room.
 */
public final class Quotas {
    private final QuotaStore store;
    private final Map<Counted, Counters> counters = new ConcurrentHashMap<>();

    /** Immutable but for what it remembers; replaced as a whole. */
    private volatile QuotaPlan plan;

    /** Creates quotas whose levels are in a store, which nothing else configures. */
    public Quotas(QuotaStore store, QuotaSpec spec) {
        this.store = store;
        store.configure(spec.all());
        plan = new QuotaPlan(store, spec);
    }

    /**
     * Replaces the configuration. Limits that stay, with the same or another value, keep what is used of them; requests
     * that run stay with the limits they were admitted by.
     */
    public synchronized void update(QuotaSpec spec) {
        store.configure(spec.all());
        plan = new QuotaPlan(store, spec);
        var kept = new ArrayList<Counted>();
        spec.all().forEach(limit -> kept.add(Counted.of(limit)));
        counters.keySet().retainAll(Set.copyOf(kept));
    }

    /** Reserves what a request may need on all its limits, or nothing. Never waits. */
    public QuotaResult reserve(QuotaRequest request) {
        var present = plan;
        var accounts = present.accounts(request.tenant(), request.model());
        var price = present.price(request.model());
        int output = request.outputToReserve(present.spec());
        if (accounts == null) {
            return new QuotaResult.Granted(new QuotaLease(request, price, null, null, output, this::countExhausted));
        }
        return switch (accounts.reserve(QuotaLease.amounts(accounts.limits(), price, request, output))) {
            case Booking.Booked(var hold) ->
                new QuotaResult.Granted(new QuotaLease(request, price, accounts, hold, output, this::countExhausted));
            case Booking.Refused(var refusal) -> {
                counters(refusal.limit()).refused.increment();
                yield new QuotaResult.Exceeded(refusal, QuotaSnapshot.of(accounts.states()));
            }
        };
    }

    /** Returns how much of every limit is used, and how often it refused, for metrics; no more than is configured. */
    public List<QuotaUsage> usage() {
        var usage = new ArrayList<QuotaUsage>();
        for (var state : store.states()) {
            var of = counters.get(Counted.of(state.limit()));
            usage.add(new QuotaUsage(state, of == null ? 0 : of.refused.sum(), of == null ? 0 : of.exhausted.sum()));
        }
        return usage;
    }

    /** Returns whether some limit is one of GPU time, so that it pays to estimate that. */
    public boolean countGpuTime() {
        return plan.countsGpuTime();
    }

    private void countExhausted(QuotaRefusal refusal) {
        counters(refusal.limit()).exhausted.increment();
    }

    private Counters counters(QuotaLimit limit) {
        return counters.computeIfAbsent(Counted.of(limit), _ -> new Counters());
    }

    /** A limit whatever its value. */
    private record Counted(QuotaScope scope, QuotaKind kind) {
        static Counted of(QuotaLimit limit) {
            return new Counted(limit.scope(), limit.kind());
        }
    }

    private static final class Counters {
        private final LongAdder refused = new LongAdder();
        private final LongAdder exhausted = new LongAdder();
    }
}
