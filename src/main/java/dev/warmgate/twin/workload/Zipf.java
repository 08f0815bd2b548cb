package dev.warmgate.twin.workload;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Zipf's law over a few things: the i-th most frequent has a share in proportion to i to the power of −exponent. */
final class Zipf {
    private final double[] cumulative;

    /** Creates the law over {@code count} things; exponent 0 gives each the same share. */
    Zipf(int count, double exponent) {
        cumulative = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.pow(i + 1, -exponent);
            cumulative[i] = sum;
        }
        for (int i = 0; i < count; i++) {
            cumulative[i] /= sum;
        }
    }

    /** Returns one of the things, from 0, the most frequent. */
    int sample(RandomGenerator random) {
        int found = Arrays.binarySearch(cumulative, random.nextDouble());
        return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
    }
}
