package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * One axis of a chart.
 *
 * @param caption what it shows
 * @param min lowest value; above 0 if logarithmic
 * @param max highest value; above {@code min}
 * @param logarithmic whether equal distances are equal factors
 * @param label how a value is written
 */
record Axis(String caption, double min, double max, boolean logarithmic, DoubleFunction<String> label) {
    private static final int TICKS = 5;

    /** Widest range, as a factor, whose lower end can be seen on a linear axis. */
    private static final double LINEAR_RANGE = 100;

    Axis {
        if (!(max > min) || (logarithmic && !(min > 0))) {
            throw new IllegalArgumentException("axis: " + min + " to " + max + " (expected: a range)");
        }
    }

    /** Returns a linear axis from zero to a round number at or above {@code highest}. */
    static Axis upTo(double highest, String caption, DoubleFunction<String> label) {
        double top = highest > 0 ? highest : 1;
        double step = step(top);
        return new Axis(caption, 0, Math.ceil(top / step - 1e-9) * step, false, label);
    }

    /** Returns a logarithmic axis of whole decades that holds {@code lowest} and {@code highest}. */
    static Axis decades(double lowest, double highest, String caption, DoubleFunction<String> label) {
        double from = Math.pow(10, Math.floor(Math.log10(lowest)));
        double to = Math.pow(10, Math.ceil(Math.log10(highest)));
        return new Axis(caption, from, to > from ? to : from * 10, true, label);
    }

    /**
     * Returns an axis that holds all points of {@code lines}: linear from zero, or logarithmic if that would press the low
     * values to the ground.
     *
     * @param floor lowest value of a logarithmic axis; above 0
     */
    static Axis holding(List<Series> lines, double floor, String caption, DoubleFunction<String> label) {
        var values = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(point -> Math.max(floor, point.y()))
                .summaryStatistics();
        return values.getMax() > values.getMin() * LINEAR_RANGE
                ? decades(values.getMin(), values.getMax(), caption, label)
                : upTo(lines.stream().mapToDouble(Series::maxY).max().orElse(0), caption, label);
    }

    /** Returns where {@code value} lies: 0 at min, 1 at max. */
    double position(double value) {
        double clamped = Math.clamp(value, min, max);
        return logarithmic ? Math.log(clamped / min) / Math.log(max / min) : (clamped - min) / (max - min);
    }

    List<Double> ticks() {
        var ticks = new ArrayList<Double>();
        if (logarithmic) {
            for (double tick = min; tick <= max * (1 + 1e-9); tick *= 10) {
                ticks.add(tick);
            }
        } else {
            double step = step(max - min);
            for (int i = 0; min + i * step <= max + step * 1e-6; i++) {
                ticks.add(min + i * step);
            }
        }
        return ticks;
    }

    /** Returns 1, 2 or 5 times a power of ten, so that about {@link #TICKS} steps make {@code range}. */
    private static double step(double range) {
        double rough = range / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double digit = rough / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
}
