package dev.warmgate.router;

import java.time.Duration;

/**
 * When an endpoint is ejected and when it comes back.
 *
 * @param consecutiveFailures failures in a row, without a success between, that eject; a failed connection counts
 *     double, because it cannot be the request's fault
 * @param firstEjection how long the first ejection lasts; each further one without a success between lasts twice as long
 * @param longestEjection the limit of that
 */
public record HealthPolicy(int consecutiveFailures, Duration firstEjection, Duration longestEjection) {
    /** Three failures, 1 s doubling to 30 s. */
    public static final HealthPolicy DEFAULT = new HealthPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(30));

    public HealthPolicy {
        if (consecutiveFailures < 1) {
            throw new IllegalArgumentException(
                    "consecutiveFailures: " + consecutiveFailures + " (expected: at least 1)");
        }
        if (firstEjection.isNegative() || firstEjection.isZero() || longestEjection.compareTo(firstEjection) < 0) {
            throw new IllegalArgumentException(
                    "ejection: " + firstEjection + " to " + longestEjection + " (expected: 0 < first <= longest)");
        }
    }
}
