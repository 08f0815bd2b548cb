package dev.warmgate.twin.report;

import java.util.Arrays;
import org.HdrHistogram.AbstractHistogram;

/**
 * Mean and percentiles of a set of values; {@link #NONE} when there are none.
 *
 * @param mean the arithmetic mean
 * @param p50 the median
 * @param p90 the value that 90 % do not exceed
 * @param p99 the value that 99 % do not exceed
 */
public record Distribution(double mean, double p50, double p90, double p99) {
    /** Of no values: nobody can know. */
    public static final Distribution NONE = new Distribution(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    /** Returns the distribution of {@code values}; percentiles by nearest rank. */
    public static Distribution of(double[] values) {
        if (values.length == 0) {
            return NONE;
        }
        var sorted = values.clone();
        Arrays.sort(sorted);
        return new Distribution(
                Arrays.stream(sorted).sum() / sorted.length, rank(sorted, 0.5), rank(sorted, 0.9), rank(sorted, 0.99));
    }

    /** Returns the distribution of a histogram's values, each times {@code unit}. */
    public static Distribution of(AbstractHistogram histogram, double unit) {
        if (histogram.getTotalCount() == 0) {
            return NONE;
        }
        return new Distribution(
                histogram.getMean() * unit,
                histogram.getValueAtPercentile(50) * unit,
                histogram.getValueAtPercentile(90) * unit,
                histogram.getValueAtPercentile(99) * unit);
    }

    private static double rank(double[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
