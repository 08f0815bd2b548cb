package dev.warmgate.twin.report;

import static dev.warmgate.twin.report.SampleRuns.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkMinutesTest {
    private static PolicyRun run(Map<String, List<Double>> work) {
        return new PolicyRun(
                "warm",
                List.of(outcome(50, 1, 0.05, 100, 0, 10), outcome(250, 1, 0.05, 100, 0, 10)),
                List.of(),
                ItlFigures.of(Distribution.NONE),
                -1,
                List.of(),
                work);
    }

    @Test
    void sharesAreOfTheWholeMinutesInWhichRequestsWereSent() {
        // The first minute began before the first request was sent, and the last one ends after the last.
        var run = run(Map.of("a", List.of(9.0, 3.0, 2.0, 1.0, 9.0), "b", List.of(1.0, 1.0, 2.0, 1.0)));
        var minutes = WorkMinutes.of(run, "a");
        assertThat(minutes.seconds()).containsExactly(9.0, 3.0, 2.0, 1.0, 9.0);
        assertThat(minutes.leastShare()).isEqualTo(0.5);
        assertThat(minutes.mostShare()).isEqualTo(0.75);
    }

    @Test
    void aTenantWithoutWorkHasNone() {
        var minutes = WorkMinutes.of(run(Map.of("a", List.of(1.0, 1.0, 1.0, 1.0))), "b");
        assertThat(minutes.seconds()).isEmpty();
        assertThat(minutes.mostShare()).isZero();
    }

    @Test
    void whereNobodyKnowsNothingIsSaid() {
        assertThat(WorkMinutes.of(run(Map.of()), "a")).isEqualTo(WorkMinutes.UNKNOWN);
    }
}
