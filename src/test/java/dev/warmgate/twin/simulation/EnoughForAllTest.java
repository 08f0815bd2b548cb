package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.comparator.Contenders;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.report.Figures;
import dev.warmgate.twin.report.LatencyTarget;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.Workloads;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loads that eight endpoints bear without a queue: waiting must not cost them anything. */
class EnoughForAllTest {
    /** Tenants of which one has long prompts; answers that are long. */
    @ParameterizedTest
    @CsvSource({"mixed, 0.9", "reasoning, 0.9", "rollouts, 0.85"})
    void nobodyIsRefusedAndAsManyAreInTimeAsWithoutWaiting(String workload, double timeScale) {
        var plan = Workloads.plan(workload, 1, timeScale);
        var waiting = run(plan, "warm");
        assertThat(waiting.completed()).isEqualTo(waiting.requests());
        assertThat(waiting.sloAttainment())
                .isGreaterThan(run(plan, "warm-without-admission").sloAttainment() - 0.01);
    }

    private static Figures run(Plan plan, String policy) {
        var settings =
                SimulationSettings.of(HardwareProfile.QWEN3_32B_TP2_H100, 8, 1).with(LatencyTarget.INTERACTIVE);
        var run = Simulation.run(plan, settings, Objects.requireNonNull(Contenders.named(policy)), 0, _ -> {});
        return Figures.of(run, LatencyTarget.INTERACTIVE);
    }
}
