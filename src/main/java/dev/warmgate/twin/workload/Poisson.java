package dev.warmgate.twin.workload;

import java.util.random.RandomGenerator;

/** Arrivals that know nothing of each other. */
final class Poisson {
    /** Shortest time between two arrivals that is told apart, against a rate of infinity. */
    private static final double MIN_GAP_SECONDS = 1e-6;

    private Poisson() {}

    /** Returns the time until the next arrival at {@code perSecond}, in seconds. */
    static double gap(RandomGenerator random, double perSecond) {
        return Math.max(MIN_GAP_SECONDS, -Math.log1p(-random.nextDouble()) / perSecond);
    }
}
