package dev.warmgate.router.admission;

import java.time.Duration;

/**
 * What is set about the band of one priority.
 *
 * @param priority -1000 to 1000
 * @param minShare the share of the fleet's work that the band is sure of while it has requests waiting, 0 to 1; what is
 *     above it goes to the highest priority
 * @param maxRequests how many requests of the band may wait, at least 1
 * @param maxBytes how many bytes of request bodies of the band may wait, at least 1
 * @param maxWait how long a request of the band may wait, above 0
 */
public record BandSettings(int priority, double minShare, long maxRequests, long maxBytes, Duration maxWait) {
    /**
     * The share of a band that sets none: a trickle, so that nothing starves. Less where many such bands wait, which have
     * {@link #DEFAULT_SHARES} at most together.
     */
    public static final double DEFAULT_MIN_SHARE = 0.05;

    /** The share of all bands that set none, so that inventing priorities does not buy more of the fleet. */
    static final double DEFAULT_SHARES = 0.2;

    public BandSettings {
        Standing.requirePriority("priority", priority);
        if (!(minShare >= 0 && minShare <= 1)) {
            throw new IllegalArgumentException("minShare: " + minShare + " (expected: 0 to 1)");
        }
        AdmissionSettings.requireLimit("maxRequests", maxRequests);
        AdmissionSettings.requireLimit("maxBytes", maxBytes);
        AdmissionSettings.requireWait(maxWait);
    }
}
