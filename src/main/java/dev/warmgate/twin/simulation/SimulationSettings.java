package dev.warmgate.twin.simulation;

import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.report.LatencyTarget;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fleet of a simulated run, and what is wrong with it.
 *
 * @param fleet hardware of each endpoint; 1 to 1,000
 * @param seed of ties and of everything else that is left to chance in the fleet
 * @param metricsAgeSeconds how old engine metrics are when a gateway sees them; infinity if it sees none
 * @param gateways gateways in front of the fleet, each with a router of its own that sees only its share of the requests
 * @param jitterSeconds each message between gateway and endpoint takes up to this much longer, at random
 * @param restartAtSeconds when the first endpoint loses its cache; infinity for never
 * @param mostInFlight requests that the client has in flight at most: it sends others late, and their times count from
 *     then
 * @param target the targets that the gateways know of each request; null if they know none
 * @param weights of tenants, above 0; 1 for all others
 */
public record SimulationSettings(
        List<HardwareProfile> fleet,
        long seed,
        double metricsAgeSeconds,
        int gateways,
        double jitterSeconds,
        double restartAtSeconds,
        int mostInFlight,
        @Nullable LatencyTarget target,
        Map<String, Double> weights) {
    /** Metrics' age where nobody says: scraped signals behave like this however often they are scraped. */
    public static final double DEFAULT_METRICS_AGE_SECONDS = 1;

    /** Most endpoints that a fleet may have. */
    public static final int MOST_ENDPOINTS = 1_000;

    /** A client that sends everything in time. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    public SimulationSettings {
        fleet = List.copyOf(fleet);
        check(!fleet.isEmpty() && fleet.size() <= MOST_ENDPOINTS, "replicas", fleet.size(), "1 to 1000");
        check(metricsAgeSeconds >= 0, "metrics-age", metricsAgeSeconds, "at least 0");
        check(gateways >= 1 && gateways <= 64, "gateways", gateways, "1 to 64");
        check(jitterSeconds >= 0 && jitterSeconds <= 10, "jitter", jitterSeconds, "0 to 10");
        check(restartAtSeconds >= 0, "endpoint-restart", restartAtSeconds, "at least 0");
        check(mostInFlight >= 1, "max-in-flight", mostInFlight, "at least 1");
        weights = Map.copyOf(weights);
        for (double weight : weights.values()) {
            check(weight > 0 && weight < Double.POSITIVE_INFINITY, "weights", weight, "above 0");
        }
    }

    /** Returns a healthy fleet of equal endpoints behind one gateway. */
    public static SimulationSettings of(HardwareProfile profile, int replicas, long seed) {
        return new SimulationSettings(
                Collections.nCopies(replicas, profile),
                seed,
                DEFAULT_METRICS_AGE_SECONDS,
                1,
                0,
                Double.POSITIVE_INFINITY,
                UNLIMITED,
                null,
                Map.of());
    }

    /** Returns the same with targets that the gateways know of. */
    public SimulationSettings with(LatencyTarget newTarget) {
        return new SimulationSettings(
                fleet,
                seed,
                metricsAgeSeconds,
                gateways,
                jitterSeconds,
                restartAtSeconds,
                mostInFlight,
                newTarget,
                weights);
    }

    /** Returns the same for tenants of other weights. */
    public SimulationSettings with(Map<String, Double> newWeights) {
        return new SimulationSettings(
                fleet,
                seed,
                metricsAgeSeconds,
                gateways,
                jitterSeconds,
                restartAtSeconds,
                mostInFlight,
                target,
                newWeights);
    }

    private static void check(boolean valid, String name, Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
