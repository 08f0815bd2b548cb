package dev.warmgate.twin.report;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The charts of a {@link Sweep}. */
final class SweepCharts {
    private static final double SHORTEST_SECONDS = 10e-3;

    private SweepCharts() {}

    /** Returns goodput over offered load. */
    static String goodput(Sweep sweep, List<String> types) {
        var lines = lines(sweep, point -> point.figures().goodput());
        double highest = lines.stream().mapToDouble(Series::maxY).max().orElse(0);
        return SvgChart.lines(
                "Goodput by offered load", load(sweep), Axis.upTo(highest, "", Format::digitsShort), lines, types);
    }

    /** Returns the 90th percentile of TTFT over offered load, its axis logarithmic. */
    static String ttft(Sweep sweep, List<String> types) {
        var lines = lines(
                sweep,
                point -> Math.max(SHORTEST_SECONDS, point.figures().ttft().p90()));
        double highest = lines.stream().mapToDouble(Series::maxY).max().orElse(1);
        double lowest = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Series.Point::y)
                .min()
                .orElse(SHORTEST_SECONDS);
        return SvgChart.lines(
                "90th percentile of TTFT by offered load",
                load(sweep),
                Axis.decades(lowest, highest, "", Format::secondsShort),
                lines,
                types);
    }

    private static Axis load(Sweep sweep) {
        double highest = sweep.policies().stream()
                .flatMap(policy -> policy.points().stream())
                .mapToDouble(Sweep.Point::load)
                .max()
                .orElse(1);
        return Axis.upTo(highest, "requests offered per second", Format::digitsShort);
    }

    private static List<Series> lines(Sweep sweep, ToDoubleFunction<Sweep.Point> value) {
        return sweep.policies().stream()
                .map(policy -> new Series(
                        policy.policy(),
                        policy.points().stream()
                                .filter(point -> Double.isFinite(value.applyAsDouble(point)))
                                .map(point -> new Series.Point(point.load(), value.applyAsDouble(point)))
                                .toList()))
                .toList();
    }
}
