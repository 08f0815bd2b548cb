package dev.warmgate.twin.report;

import dev.warmgate.twin.load.LoadProgress;
import java.util.List;

/**
 * What a live view shows at one moment.
 *
 * @param elapsedSeconds real seconds since the demo began
 * @param policies all policies in the order they run
 * @param current index of the one that runs now
 * @param endpoints the fleet now
 */
public record LiveState(
        double elapsedSeconds, List<PolicyState> policies, int current, List<EndpointSample> endpoints) {
    public LiveState {
        policies = List.copyOf(policies);
        endpoints = List.copyOf(endpoints);
    }

    /**
     * One policy's progress.
     *
     * @param policy its name
     * @param progress so far; all zero before it runs
     */
    public record PolicyState(String policy, LoadProgress progress) {}
}
