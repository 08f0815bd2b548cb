package dev.warmgate.twin.report;

import static dev.warmgate.twin.report.SampleRuns.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void percentilesAreExactByNearestRank() {
        var values = IntStream.rangeClosed(1, 200).mapToDouble(i -> 201 - i).toArray();
        assertThat(Distribution.of(values)).isEqualTo(new Distribution(100.5, 100, 180, 198));
        assertThat(Distribution.of(new double[] {7})).isEqualTo(new Distribution(7, 7, 7, 7));
        assertThat(Distribution.of(new double[0])).isEqualTo(Distribution.NONE);
    }

    @Test
    void countsWhatWasOfferedAndWhatCame() {
        var run = new PolicyRun(
                "some",
                List.of(
                        outcome(0, 1, 0.05, 1000, 900, 101), // ends at 6
                        outcome(1, 3, 0.05, 10_000, 0, 11), // within 2 s + 0.2 ms · 10,000
                        outcome(2, 3, 0.05, 4_000, 4_000, 11), // 2.8 s allowed: too late
                        outcome(3, 1, 0.11, 1000, 500, 65), // tokens come too slowly; ends at 11.04
                        outcome(4, -1, -1, 0, 0, 0, "status 503"),
                        outcome(5, 1, -1, 1000, 500, 0, "truncated")),
                List.of());
        var figures = Figures.of(run, LatencyTarget.INTERACTIVE);
        assertThat(figures.requests()).isEqualTo(6);
        assertThat(figures.completed()).isEqualTo(4);
        assertThat(figures.failures()).isEqualTo(Map.of("status 503", 1, "truncated", 1));
        assertThat(figures.ttft().mean()).isCloseTo(9 / 5.0, within(1e-9));
        assertThat(figures.itl().mean()).isCloseTo(0.065, within(1e-9));
        assertThat(figures.hitRatio()).isCloseTo(5400 / 16_000.0, within(1e-9));
        assertThat(figures.sloAttainment()).isCloseTo(2 / 6.0, within(1e-9));
        assertThat(figures.seconds()).isCloseTo(11.04, within(1e-9));
        assertThat(figures.offeredSeconds()).isCloseTo(5, within(1e-9));
        assertThat(figures.goodput()).as("per second of sending").isCloseTo(2 / 5.0, within(1e-9));
        assertThat(figures.outputTokensPerSecond()).isCloseTo(188 / 11.04, within(1e-9));
    }

    @Test
    void whatIsAnsweredLateTakesNothingFromGoodput() {
        var run = new PolicyRun(
                "some",
                List.of(
                        outcome(0, 1, 0.05, 1000, 0, 11),
                        outcome(10, 1, 0.05, 1000, 0, 11),
                        outcome(10, 300, 0.05, 1000, 0, 11)),
                List.of());
        assertThat(Figures.of(run, LatencyTarget.INTERACTIVE).goodput()).isCloseTo(0.2, within(1e-9));
    }

    @Test
    void whatIsSentAtOnceIsCountedUntilItsEnd() {
        var run = new PolicyRun("some", List.of(outcome(3, 1, 0.05, 1000, 0, 21)), List.of());
        assertThat(Figures.of(run, LatencyTarget.INTERACTIVE).goodput()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void anAnswerOfOneTokenIsJudgedByItsFirst() {
        assertThat(LatencyTarget.INTERACTIVE.met(outcome(0, 1, -1, 1000, 0, 1))).isTrue();
    }

    @Test
    void whatNobodySaidIsUnknown() {
        var run = new PolicyRun(
                "some", List.of(outcome(0, 1, 0.05, 1000, -1, 101), outcome(1, 1, 0.05, 0, -1, 0)), List.of());
        var figures = Figures.of(run, LatencyTarget.INTERACTIVE);
        assertThat(figures.hitRatio()).isNaN();
        assertThat(figures.imbalance()).isNaN();
        assertThat(figures.preemptions()).isEqualTo(-1);
    }

    @Test
    void aRunOfNothingIsAllZero() {
        var figures = Figures.of(new PolicyRun("some", List.of(), List.of()), LatencyTarget.INTERACTIVE);
        assertThat(figures.goodput()).isZero();
        assertThat(figures.sloAttainment()).isZero();
    }
}
