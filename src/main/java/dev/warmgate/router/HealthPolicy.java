package dev.warmgate.router;

import java.time.Duration;

/**
 * When an endpoint is ejected, when it comes back, and when nobody believes that any more. What each is for:
 * docs/failures.md.
 *
 * @param consecutiveFailures failures in a row, without a success between, that eject; a failed connection counts
 *     double, because it cannot be the request's fault
 * @param failureShare share of the last half minute's requests that may fail before an endpoint is ejected; 0 to 1, 1 for
 *     never
 * @param firstEjection how long the first ejection lasts; each further one in a row lasts twice as long
 * @param longestEjection the limit of that
 * @param slowStart how long an endpoint that is new or came back takes less than its share; 0 for never
 * @param panicThreshold share of a pool's endpoints that look bad above which they get requests all the same; 0 to 1, 1 for
 *     never
 */
public record HealthPolicy(
        int consecutiveFailures,
        double failureShare,
        Duration firstEjection,
        Duration longestEjection,
        Duration slowStart,
        double panicThreshold) {
    /** Three failures or a quarter, 1 s doubling to 30 s, 10 s of slow start, panic above a half. */
    public static final HealthPolicy DEFAULT =
            new HealthPolicy(3, 0.25, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(10), 0.5);

    public HealthPolicy {
        if (consecutiveFailures < 1) {
            throw new IllegalArgumentException(
                    "consecutiveFailures: " + consecutiveFailures + " (expected: at least 1)");
        }
        requireShare("failureShare", failureShare);
        requireShare("panicThreshold", panicThreshold);
        if (firstEjection.isNegative() || firstEjection.isZero() || longestEjection.compareTo(firstEjection) < 0) {
            throw new IllegalArgumentException(
                    "ejection: " + firstEjection + " to " + longestEjection + " (expected: 0 < first <= longest)");
        }
        if (slowStart.isNegative()) {
            throw new IllegalArgumentException("slowStart: " + slowStart + " (expected: at least 0)");
        }
    }

    /** Creates a policy by which only failures in a row eject, without slow start and without panic. */
    public HealthPolicy(int consecutiveFailures, Duration firstEjection, Duration longestEjection) {
        this(consecutiveFailures, 1, firstEjection, longestEjection, Duration.ZERO, 1);
    }

    private static void requireShare(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to 1)");
        }
    }
}
