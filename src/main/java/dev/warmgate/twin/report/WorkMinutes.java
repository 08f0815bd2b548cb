package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What endpoints worked for one tenant in each minute of a run.
 *
 * @param seconds by minute from the run's beginning; empty if nobody can know
 * @param leastShare its least share of what all tenants got in a minute, of the whole minutes in which measured requests were
 *     sent; NaN without any
 * @param mostShare its greatest one
 */
public record WorkMinutes(List<Double> seconds, double leastShare, double mostShare) {
    private static final double MINUTE_SECONDS = 60;

    /** What is known where nobody said. */
    static final WorkMinutes UNKNOWN = new WorkMinutes(List.of(), Double.NaN, Double.NaN);

    public WorkMinutes {
        seconds = List.copyOf(seconds);
    }

    /** Returns those of a tenant. */
    static WorkMinutes of(PolicyRun run, String tenant) {
        var own = run.minuteWork().getOrDefault(tenant, List.of());
        double begin = Double.POSITIVE_INFINITY;
        double end = 0;
        for (var outcome : run.measured()) {
            begin = Math.min(begin, outcome.sentSeconds());
            end = Math.max(end, outcome.sentSeconds());
        }
        var shares = new ArrayList<Double>();
        for (int i = 0; (i + 1) * MINUTE_SECONDS <= end; i++) {
            double all = 0;
            for (var others : run.minuteWork().values()) {
                all += in(others, i);
            }
            if (i * MINUTE_SECONDS >= begin && all > 0) {
                shares.add(in(own, i) / all);
            }
        }
        return new WorkMinutes(
                own,
                shares.stream().mapToDouble(one -> one).min().orElse(Double.NaN),
                shares.stream().mapToDouble(one -> one).max().orElse(Double.NaN));
    }

    private static double in(List<Double> seconds, int minute) {
        return minute < seconds.size() ? seconds.get(minute) : 0;
    }
}
