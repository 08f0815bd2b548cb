package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.RequestOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A line of a chart.
 *
 * @param name what it is of
 * @param points in order of x
 */
record Series(String name, List<Point> points) {
    /** Points of one line: more cannot be told apart on a screen. */
    private static final int MAX_POINTS = 160;

    record Point(double x, double y) {}

    Series {
        points = List.copyOf(points);
    }

    double maxY() {
        return points.stream().mapToDouble(Point::y).max().orElse(0);
    }

    /** Returns the cumulative distribution: which share of the values is at most x. */
    static Series cumulative(String name, double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        var points = new ArrayList<Point>();
        int steps = Math.min(sorted.length, MAX_POINTS);
        for (int i = 0; i < steps; i++) {
            int rank = steps == 1 ? sorted.length - 1 : (int) ((long) i * (sorted.length - 1) / (steps - 1));
            points.add(new Point(sorted[rank], (rank + 1.0) / sorted.length));
        }
        return new Series(name, points);
    }

    /** Returns Σ numerator / Σ denominator of the requests sent in each of {@code buckets} equal times. */
    static Series overTime(
            PolicyRun run,
            double seconds,
            int buckets,
            ToDoubleFunction<RequestOutcome> numerator,
            ToDoubleFunction<RequestOutcome> denominator) {
        var above = new double[buckets];
        var below = new double[buckets];
        for (var outcome : run.outcomes()) {
            int bucket = (int) Math.clamp(outcome.sentSeconds() / seconds * buckets, 0, buckets - 1);
            above[bucket] += numerator.applyAsDouble(outcome);
            below[bucket] += denominator.applyAsDouble(outcome);
        }
        var points = new ArrayList<Point>();
        for (int i = 0; i < buckets; i++) {
            if (below[i] > 0) {
                points.add(new Point((i + 0.5) * seconds / buckets, above[i] / below[i]));
            }
        }
        return new Series(run.policy(), points);
    }

    /** Returns a number of the fleet over time. */
    static Series ofFleet(PolicyRun run, ToDoubleFunction<FleetSample> value) {
        var points = new ArrayList<Point>();
        int every = Math.max(1, Math.ceilDiv(run.samples().size(), MAX_POINTS));
        for (int i = 0; i < run.samples().size(); i += every) {
            var sample = run.samples().get(i);
            points.add(new Point(sample.seconds(), value.applyAsDouble(sample)));
        }
        return new Series(run.policy(), points);
    }
}
