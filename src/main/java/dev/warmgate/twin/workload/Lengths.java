package dev.warmgate.twin.workload;

import java.util.random.RandomGenerator;

/**
 * Counts drawn from a log-normal law, brought into a range.
 *
 * @param law what is drawn from
 * @param min values below become this; at least 1
 * @param max values above become this; at least {@code min}
 */
record Lengths(LogNormal law, int min, int max) {
    Lengths {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException(
                    "min: " + min + ", max: " + max + " (expected: at least 1, and at least min)");
        }
    }

    /** Returns lengths whose law, before it is brought into the range, has this mean. */
    static Lengths ofMean(double mean, double sigma, int min, int max) {
        return new Lengths(LogNormal.ofMean(mean, sigma), min, max);
    }

    /** Returns the one length. */
    static Lengths exactly(int tokens) {
        return new Lengths(new LogNormal(Math.log(tokens), 0), tokens, tokens);
    }

    /** Returns one value. */
    int sample(RandomGenerator random) {
        return Math.max(min, law.sampleCount(random, max));
    }
}
