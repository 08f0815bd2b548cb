package dev.warmgate.telemetry;

import dev.warmgate.router.admission.QueueStats.OfTenant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How evenly tenants were served lately: Jain's index (Jain, Chiu, Hawe, "A quantitative measure of fairness", 1984) of
 * the work that each received for its weight, over the last minute, or since the reading before if that is longer ago.
 * It is (Σx)² ÷ (n·Σx²): 1 if all got the same, 1/n if one got everything. Of all tenants those count that received
 * something or want something. Any thread.
 */
final class FairnessIndex {
    private static final long WINDOW_NANOS = 60_000_000_000L;
    private static final long STEP_NANOS = 5_000_000_000L;

    private record Reading(long nanoTime, Map<String, Double> work) {}

    private final LongSupplier nanoTime;
    private final ArrayDeque<Reading> readings = new ArrayDeque<>();

    FairnessIndex(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        readings.add(new Reading(nanoTime.getAsLong(), Map.of()));
    }

    /** Notes what tenants have received up to now; returns the index, or NaN if nobody received anything. */
    synchronized double read(Map<String, OfTenant> tenants) {
        long now = nanoTime.getAsLong();
        dropOld(now);
        var since = readings.getFirst().work();
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (var tenant : tenants.values()) {
            double received = tenant.workSeconds() - since.getOrDefault(tenant.name(), 0.0);
            if (received > 0 || tenant.busy()) {
                double share = Math.max(0, received) / tenant.weight();
                sum += share;
                squares += share * share;
                count++;
            }
        }
        if (now - readings.getLast().nanoTime() >= STEP_NANOS) {
            var work = new HashMap<String, Double>();
            tenants.forEach((name, tenant) -> work.put(name, tenant.workSeconds()));
            readings.add(new Reading(now, work));
        }
        return squares == 0 ? Double.NaN : sum * sum / (count * squares);
    }

    private void dropOld(long now) {
        while (readings.size() > 1) {
            var first = readings.removeFirst();
            if (now - readings.getFirst().nanoTime() < WINDOW_NANOS) {
                readings.addFirst(first);
                return;
            }
        }
    }
}
