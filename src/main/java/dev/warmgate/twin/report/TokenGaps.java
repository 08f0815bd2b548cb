package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Counts the times between two tokens of an answer while a plan runs, for each class of requests. Confined to one thread.
 *
 * <p>There is one histogram for each pair of priority and tenant that has an answer; both are grouped as
 * {@link ClassNames} says, so that no trace makes more than a few hundred of them.
 */
public final class TokenGaps {
    /** Longest time that is told apart, in microseconds. */
    private static final long LONGEST = 3_600_000_000L;

    private static final int DIGITS = 3;
    private static final double SECONDS = 1e-6;

    private final ClassNames priorities;
    private final ClassNames tenants;

    /** By priority and tenant: the first tenant of all priorities, the second, and so on. */
    private final @Nullable Histogram[] histograms;

    /** Creates a count of nothing. */
    public TokenGaps(Plan plan) {
        priorities = ClassNames.ofPriorities(plan.requests(), PlannedRequest::priority);
        tenants = ClassNames.ofTenants(plan.requests(), PlannedRequest::tenant);
        histograms = new Histogram[priorities.names().size() * tenants.names().size()];
    }

    /** Counts a time between two tokens of a request's answer, in microseconds. */
    public void record(int request, long micros) {
        int place = tenants.group(request) * priorities.names().size() + priorities.group(request);
        var histogram = histograms[place];
        if (histogram == null) {
            histogram = empty();
            histograms[place] = histogram;
        }
        histogram.recordValue(Math.clamp(micros, 0, LONGEST));
    }

    /** Returns the distributions of what was counted, in seconds. */
    public ItlFigures figures() {
        int step = priorities.names().size();
        Map<String, Distribution> byPriority = new LinkedHashMap<>();
        for (int i = 0; i < step; i++) {
            byPriority.put(priorities.names().get(i), sum(i, histograms.length, step));
        }
        Map<String, Distribution> byTenant = new LinkedHashMap<>();
        for (int i = 0; i < tenants.names().size(); i++) {
            byTenant.put(tenants.names().get(i), sum(i * step, (i + 1) * step, 1));
        }
        return new ItlFigures(sum(0, histograms.length, 1), byPriority, byTenant);
    }

    private Distribution sum(int from, int to, int step) {
        var sum = empty();
        for (int i = from; i < to; i += step) {
            var histogram = histograms[i];
            if (histogram != null) {
                sum.add(histogram);
            }
        }
        return Distribution.of(sum, SECONDS);
    }

    private static Histogram empty() {
        return new Histogram(1, LONGEST, DIGITS);
    }
}
