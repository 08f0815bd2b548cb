package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.comparator.Contenders;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.report.LatencyTarget;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.Workloads;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What tenants get of eight endpoints in each minute while all of them send more than the fleet can do. */
class EqualSharesTest {
    private static final long SEED = 1;

    /** Returns the tenants' shares in some minutes, divided by what each should have; the first one is minute 0. */
    private static double[] shares(Map<String, List<Double>> work, Map<String, Double> weights, int... minutes) {
        double all = 0;
        double weight = 0;
        for (var tenant : weights.keySet()) {
            all += in(work, tenant, minutes);
            weight += weights.getOrDefault(tenant, 0.0);
        }
        var shares = new double[weights.size()];
        int i = 0;
        for (var tenant : weights.keySet()) {
            shares[i++] = in(work, tenant, minutes) / all / (weights.getOrDefault(tenant, 0.0) / weight);
        }
        return shares;
    }

    private static double in(Map<String, List<Double>> work, String tenant, int... minutes) {
        var all = Objects.requireNonNull(work.get(tenant));
        return Arrays.stream(minutes).mapToDouble(all::get).sum();
    }

    private static void assertEven(double[] shares, String when) {
        for (double share : shares) {
            assertThat(share).as("%s, seed %d", when, SEED).isBetween(0.95, 1.05);
        }
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
        var work = run(1, 240, weights.keySet(), Map.of());
        // In the first minute nothing waits at first, and speeds are not known; the second one makes up for it.
        assertEven(shares(work, weights, 0, 1), "first two minutes");
        assertEven(shares(work, weights, 2), "third minute");
        assertEven(shares(work, weights, 3), "fourth minute");
    }

    @Test
    void weightsAreSharesInEachMinute() {
        var weights = Map.of("short-1", 1.0, "short-2", 2.0, "short-3", 4.0);
        var work = run(0.5, 180, weights.keySet(), weights);
        assertEven(shares(work, weights, 1), "second minute");
        assertEven(shares(work, weights, 2), "third minute");
    }
}
