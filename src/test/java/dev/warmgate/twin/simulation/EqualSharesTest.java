package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.comparator.Contenders;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.report.LatencyTarget;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.Workloads;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What tenants get of eight endpoints in each minute while all of them send more than the fleet can do. */
class EqualSharesTest {
    private static final long SEED = 1;

    /** Returns the tenants' shares in a minute, divided by what each should have; the first one is minute 0. */
    private static double[] shares(Map<String, List<Double>> work, Map<String, Double> weights, int minute) {
        double all = 0;
        double weight = 0;
        for (var tenant : weights.keySet()) {
            all += in(work, tenant, minute);
            weight += weights.getOrDefault(tenant, 0.0);
        }
        var shares = new double[weights.size()];
        int i = 0;
        for (var tenant : weights.keySet()) {
            shares[i++] = in(work, tenant, minute) / all / (weights.getOrDefault(tenant, 0.0) / weight);
        }
        return shares;
    }

    private static double in(Map<String, List<Double>> work, String tenant, int minute) {
        return Objects.requireNonNull(work.get(tenant)).get(minute);
    }

    /** Runs the first seconds of the workload. */
    private static Map<String, List<Double>> run(
            double timeScale, double seconds, Set<String> tenants, Map<String, Double> weights) {
        var whole = Workloads.plan("equal-tenants", SEED, timeScale).of(tenants);
        var plan = new Plan(
                "equal-tenants",
                whole.requests().stream()
                        .filter(request -> request.atSeconds() < seconds)
                        .toList());
        var settings = SimulationSettings.of(HardwareProfile.QWEN3_32B_TP2_H100, 8, SEED)
                .with(LatencyTarget.INTERACTIVE)
                .with(weights);
        return Simulation.run(plan, settings, Objects.requireNonNull(Contenders.named("warm")), 0, _ -> {})
                .minuteWork();
    }

    @Test
    void whoSendsPromptsTenTimesAsLongGetsAsMuchInEachMinute() {
        var weights = Map.of("long", 1.0, "short-1", 1.0, "short-2", 1.0, "short-3", 1.0, "short-4", 1.0);
        var work = run(1, 180, weights.keySet(), Map.of());
        // In the first minute nothing waits at first, and speeds are not known.
        for (int minute = 1; minute < 3; minute++) {
            for (double share : shares(work, weights, minute)) {
                assertThat(share).as("minute %d, seed %d", minute, SEED).isBetween(0.95, 1.05);
            }
        }
    }

    @Test
    void weightsAreSharesInEachMinute() {
        var weights = Map.of("short-1", 1.0, "short-2", 2.0, "short-3", 4.0);
        var work = run(0.5, 180, weights.keySet(), weights);
        for (int minute = 1; minute < 3; minute++) {
            for (double share : shares(work, weights, minute)) {
                assertThat(share).as("minute %d, seed %d", minute, SEED).isBetween(0.95, 1.05);
            }
        }
    }
}
