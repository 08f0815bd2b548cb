package dev.warmgate.twin.report;

import java.util.List;

/**
 * All endpoints at one moment.
 *
 * @param seconds model seconds from the run's start
 * @param endpoints in the fleet's order
 */
public record FleetSample(double seconds, List<EndpointSample> endpoints) {
    public FleetSample {
        endpoints = List.copyOf(endpoints);
    }

    int waiting() {
        return endpoints.stream().mapToInt(EndpointSample::waiting).sum();
    }

    /** Returns the endpoints' mean share of KV cache in use, 0 to 1. */
    double kvUse() {
        return endpoints.stream().mapToDouble(EndpointSample::kvUse).average().orElse(0);
    }

    int inFlight() {
        return endpoints.stream().mapToInt(EndpointSample::inFlight).sum();
    }
}
