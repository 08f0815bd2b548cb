package dev.warmgate.twin.workload;

import java.util.random.RandomGenerator;

/**
 * The log-normal distribution.
 *
 * @param mu mean of the logarithm
 * @param sigma standard deviation of the logarithm; at least 0
 */
public record LogNormal(double mu, double sigma) {
    /** Returns the distribution with this mean of the values themselves. */
    public static LogNormal ofMean(double mean, double sigma) {
        return new LogNormal(Math.log(mean) - sigma * sigma / 2, sigma);
    }

    /** Returns one value. */
    public double sample(RandomGenerator random) {
        return Math.exp(mu + sigma * random.nextGaussian());
    }

    /** Returns one value as a count: rounded, at least 1, at most {@code max}. */
    public int sampleCount(RandomGenerator random, int max) {
        return (int) Math.clamp(Math.round(sample(random)), 1L, max);
    }

    /** Returns the mean. */
    public double mean() {
        return Math.exp(mu + sigma * sigma / 2);
    }
}
