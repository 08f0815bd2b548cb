package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final long SECOND = 1_000_000_000L;

    private long now;
    private final Health health =
            new Health(new HealthPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(4)), () -> now);

    @Test
    void failuresInARowEject() {
        health.failure(FailureKind.STATUS_5XX);
        health.failure(FailureKind.RESET);
        assertThat(health.available()).isTrue();
        health.failure(FailureKind.STALL);
        assertThat(health.available()).isFalse();
        assertThat(health.unavailableFor()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aSuccessBetweenStartsTheCountAnew() {
        for (int i = 0; i < 10; i++) {
            health.failure(FailureKind.STATUS_5XX);
            health.failure(FailureKind.STATUS_5XX);
            health.success();
        }
        assertThat(health.available()).isTrue();
    }

    @Test
    void refusedConnectionsCountDouble() {
        health.failure(FailureKind.CONNECT);
        health.failure(FailureKind.CONNECT);
        assertThat(health.available()).isFalse();
    }

    @Test
    void ejectionsDoubleUntilASuccess() {
        long[] expected = {1, 2, 4, 4};
        eject();
        for (long seconds : expected) {
            assertThat(health.unavailableFor()).isEqualTo(Duration.ofSeconds(seconds));
            now += seconds * SECOND;
            assertThat(health.available()).isTrue();
            health.failure(FailureKind.RESET);
        }
        now += 4 * SECOND;
        health.success();
        health.failure(FailureKind.RESET);
        assertThat(health.available()).isTrue();
        eject();
        assertThat(health.unavailableFor()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aFailedCheckTakesOutUntilOnePasses() {
        health.check(false);
        assertThat(health.available()).isFalse();
        assertThat(health.unavailableFor()).isEqualTo(Duration.ofSeconds(1));
        now += 100 * SECOND;
        health.success();
        assertThat(health.available()).isFalse();
        health.check(true);
        assertThat(health.available()).isTrue();
    }

    @Test
    void aPassingCheckDoesNotOverruleFreshFailures() {
        eject();
        now += SECOND / 2;
        health.check(true);
        assertThat(health.available()).isFalse();
    }

    @Test
    void aPassingCheckEndsALongEjectionEarly() {
        eject();
        now += SECOND;
        health.failure(FailureKind.RESET);
        now += SECOND;
        assertThat(health.available()).isFalse();
        health.check(true);
        assertThat(health.available()).isTrue();
    }

    private void eject() {
        health.failure(FailureKind.CONNECT);
        health.failure(FailureKind.CONNECT);
    }
}
