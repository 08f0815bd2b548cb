package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.RequestOutcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class MinuteWorkTest {
    private static final long SEED = 20_261_128;

    private static List<Double> minutes(PolicyRun run) {
        return run.minuteWork().getOrDefault(PolicyRun.NOBODY, List.of());
    }

    @Test
    void minutesAddUpToTheWorkOfAllRequests() {
        var run = Plans.run(Plans.random(SEED), Plans.fleet(3, SEED, 1, 0), "random");
        double all =
                run.outcomes().stream().mapToDouble(RequestOutcome::workSeconds).sum();
        assertThat(run.minuteWork()).containsOnlyKeys(PolicyRun.NOBODY);
        assertThat(minutes(run).stream().mapToDouble(one -> one).sum())
                .as("seed %d", SEED)
                .isCloseTo(all, within(1e-6));
    }

    @Test
    void aRequestCountsInEachMinuteInWhichItRuns() {
        var run = Plans.run(
                new Plan("long answer", List.of(Plans.alone(0, 50, 1, 1_000, 10_000))),
                Plans.fleet(1, SEED, 1, 0),
                "random");
        var outcome = run.outcomes().getFirst();
        var minutes = minutes(run);
        assertThat(outcome.endSeconds()).isBetween(120.0, 180.0);
        assertThat(minutes).hasSize(3);
        assertThat(minutes.get(0)).isCloseTo(10, within(0.1));
        assertThat(minutes.get(1)).isCloseTo(60, within(0.1));
        assertThat(minutes.get(2)).isCloseTo(outcome.endSeconds() - 120, within(0.1));
    }
}
