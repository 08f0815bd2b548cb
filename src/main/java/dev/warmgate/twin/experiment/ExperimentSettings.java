package dev.warmgate.twin.experiment;

import dev.warmgate.twin.comparator.Contender;
import dev.warmgate.twin.report.LatencyTarget;
import dev.warmgate.twin.simulation.SimulationSettings;
import java.util.List;

/**
 * What an experiment in the simulator runs.
 *
 * @param offer the workload
 * @param timeScale factor on the times of its arrivals; 0.01 to 100
 * @param contenders the policies, in the order of the tables; not empty, none twice
 * @param fleet the endpoints
 * @param warmup share of the requests that is not measured; 0 to less than 1
 * @param target when an answer is fast enough
 * @param sweep whether to look for the largest load that each policy bears
 * @param threads runs side by side at most; 1 to 256
 */
public record ExperimentSettings(
        Offer offer,
        double timeScale,
        List<Contender> contenders,
        SimulationSettings fleet,
        double warmup,
        LatencyTarget target,
        boolean sweep,
        int threads) {
    private static final int MOST_THREADS = 256;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the option and what is allowed
     */
    public ExperimentSettings {
        contenders = List.copyOf(contenders);
        var names = contenders.stream().map(Contender::name).toList();
        require(
                !names.isEmpty() && names.stream().distinct().count() == names.size(),
                "policies",
                String.join(",", names),
                "at least one, none twice");
        requireTimeScale(timeScale);
        requireWarmup(warmup);
        require(threads >= 1 && threads <= MOST_THREADS, "threads", threads, "1 to " + MOST_THREADS);
    }

    /** Throws if a time scale is not in the range that plans can be made for. */
    public static void requireTimeScale(double timeScale) {
        require(timeScale >= 0.01 && timeScale <= 100, "time-scale", timeScale, "0.01 to 100");
    }

    /** Throws if a share of requests that is not measured leaves none. */
    public static void requireWarmup(double warmup) {
        require(warmup >= 0 && warmup < 1, "warmup", warmup, "at least 0, less than 1");
    }

    private static void require(boolean condition, String name, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
