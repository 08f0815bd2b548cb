package dev.warmgate.router.admission;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/**
 * What is set about admission.
 *
 * @param enabled whether requests wait here while the fleet is full; otherwise every request is routed at once
 * @param maxWait how long a request may wait, above 0
 * @param maxRequests how many requests may wait in all, at least 1
 * @param maxBytes how many bytes of request bodies may wait in all, at least 1
 * @param bands what differs for single priorities; each at most once, and their minimum shares are at most 1 together
 * @param maxRequestsPerFlow how many requests of one flow may wait, at least 1
 */
public record AdmissionSettings(
        boolean enabled,
        Duration maxWait,
        long maxRequests,
        long maxBytes,
        List<BandSettings> bands,
        long maxRequestsPerFlow) {
    /** On; 60 s, 100,000 requests, 1 GiB, 10,000 requests of a flow; all bands alike. */
    public static final AdmissionSettings DEFAULT =
            new AdmissionSettings(true, Duration.ofSeconds(60), 100_000, 1L << 30, List.of(), 10_000);

    /** Twenty times 0.05 is a little more than 1 in binary. */
    private static final double ROUNDING = 1e-9;

    public AdmissionSettings {
        requireWait(maxWait);
        requireLimit("maxRequests", maxRequests);
        requireLimit("maxBytes", maxBytes);
        requireLimit("maxRequestsPerFlow", maxRequestsPerFlow);
        bands = List.copyOf(bands);
        var priorities = new HashSet<Integer>();
        for (var band : bands) {
            if (!priorities.add(band.priority())) {
                throw new IllegalArgumentException("bands: priority " + band.priority() + " twice (expected: once)");
            }
        }
        if (tooMuchPromised(bands)) {
            throw new IllegalArgumentException(
                    "bands: minShare " + promised(bands) + " together (expected: at most 1)");
        }
    }

    /** Returns the same, switched off. */
    public AdmissionSettings disabled() {
        return new AdmissionSettings(false, maxWait, maxRequests, maxBytes, bands, maxRequestsPerFlow);
    }

    /**
     * Returns what is set about one band: its own settings, or the limits of the whole and
     * {@link BandSettings#DEFAULT_MIN_SHARE}.
     */
    public BandSettings band(int priority) {
        for (var band : bands) {
            if (band.priority() == priority) {
                return band;
            }
        }
        return new BandSettings(priority, BandSettings.DEFAULT_MIN_SHARE, maxRequests, maxBytes, maxWait);
    }

    /** Returns whether a band has settings of its own. */
    boolean isSet(int priority) {
        for (var band : bands) {
            if (band.priority() == priority) {
                return true;
            }
        }
        return false;
    }

    /** Returns the sum of the minimum shares. */
    public static double promised(List<BandSettings> bands) {
        double sum = 0;
        for (var band : bands) {
            sum += band.minShare();
        }
        return sum;
    }

    /** Returns whether some bands are promised more than there is. */
    public static boolean tooMuchPromised(List<BandSettings> bands) {
        return promised(bands) > 1 + ROUNDING;
    }

    static void requireLimit(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
        }
    }

    static void requireWait(Duration maxWait) {
        if (maxWait.isNegative() || maxWait.isZero()) {
            throw new IllegalArgumentException("maxWait: " + maxWait + " (expected: above 0)");
        }
    }
}
