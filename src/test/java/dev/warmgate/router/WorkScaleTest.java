package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkScaleTest {
    private static final long SECOND = 1_000_000_000;

    private final WorkScale scale = new WorkScale();

    private long run(long from, int seconds, double workPerSecond) {
        for (int i = 1; i <= seconds; i++) {
            scale.pass(true, from + i * SECOND);
            scale.ends(workPerSecond, scale.begins(workPerSecond));
        }
        return from + seconds * SECOND;
    }

    @Test
    void nothingIsScaledBeforeAnythingWasSeen() {
        assertThat(scale.factor()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.7, 1, 1.5})
    void whatIsChargedTogetherIsTheTimeInWhichItWasBusy(double workPerSecond) {
        run(0, 600, workPerSecond);
        assertThat(scale.factor()).isCloseTo(1 / workPerSecond, within(0.03));
    }

    @Test
    void halfOfWhatIsInFlightCountsAsDone() {
        scale.pass(true, 0);
        assertThat(scale.begins(20)).isEqualTo(10);
        scale.pass(true, 10 * SECOND);
        assertThat(scale.factor()).isCloseTo(1, within(0.1));
    }

    @Test
    void whileNothingIsThereNoTimeIsTaken() {
        long now = run(0, 600, 1);
        double before = scale.factor();
        scale.pass(false, now + 10 * SECOND);
        assertThat(scale.factor()).isCloseTo(before, within(0.01));
    }

    @Test
    void anEndpointThatStandsStillCostsAtMostTwice() {
        scale.pass(true, 100_000 * SECOND);
        assertThat(scale.factor()).isEqualTo(2);
    }
}
