package dev.warmgate.twin.report;

import dev.warmgate.twin.load.RequestOutcome;
import java.util.List;

/**
 * One policy's run.
 *
 * @param policy the policy's name
 * @param outcomes one per offered request
 * @param samples the fleet over time; may be empty
 */
public record PolicyRun(String policy, List<RequestOutcome> outcomes, List<FleetSample> samples) {
    public PolicyRun {
        outcomes = List.copyOf(outcomes);
        samples = List.copyOf(samples);
    }

    /** Returns when the last request ended, in model seconds. */
    public double seconds() {
        return outcomes.stream().mapToDouble(RequestOutcome::endSeconds).max().orElse(0);
    }

    double[] ttfts() {
        return outcomes.stream()
                .mapToDouble(RequestOutcome::ttftSeconds)
                .filter(t -> t >= 0)
                .toArray();
    }
}
