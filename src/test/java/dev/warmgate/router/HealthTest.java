package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final long SECOND = 1_000_000_000L;

    private long now;
    private final Health health =
            new Health(new HealthPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(4)), () -> now, 7, () -> {});

    @Test
    void failuresInARowEject() {
        health.failure(FailureKind.STATUS_5XX);
        health.failure(FailureKind.RESET);
        assertThat(health.available()).isTrue();
        health.failure(FailureKind.STALL);
        assertThat(health.available()).isFalse();
        assertLasts(1);
    }

    private void assertLasts(long seconds) {
        assertThat(health.unavailableFor()).isBetween(Duration.ofMillis(800 * seconds), Duration.ofSeconds(seconds));
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
            assertLasts(seconds);
            now += seconds * SECOND;
            assertThat(health.available()).isTrue();
            health.failure(FailureKind.RESET);
        }
        now += 4 * SECOND;
        health.success();
        health.failure(FailureKind.RESET);
        assertThat(health.available()).isTrue();
        eject();
        assertLasts(1);
    }

    @Test
    void aFailedCheckTakesOutUntilOnePasses() {
        health.check(CheckResult.SICK);
        assertThat(health.available()).isFalse();
        assertThat(health.unavailableFor()).isEqualTo(Duration.ofSeconds(1));
        now += 100 * SECOND;
        health.success();
        assertThat(health.available()).isFalse();
        health.check(CheckResult.ALIVE);
        assertThat(health.available()).isTrue();
    }

    @Test
    void aPassingCheckDoesNotOverruleFreshFailures() {
        eject();
        now += SECOND / 2;
        health.check(CheckResult.ALIVE);
        assertThat(health.available()).isFalse();
    }

    @Test
    void aPassingCheckEndsALongEjectionEarly() {
        eject();
        now += SECOND;
        health.failure(FailureKind.RESET);
        now += SECOND * 11 / 10;
        assertThat(health.available()).isFalse();
        health.check(CheckResult.ALIVE);
        assertThat(health.available()).isTrue();
    }

    // ---- a share of failures

    private Health withShare(double share) {
        return new Health(
                new HealthPolicy(5, share, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(10), 0.5),
                () -> now,
                3,
                () -> {});
    }

    private void threeOfWhichOneFails(Health of) {
        of.failure(FailureKind.STATUS_5XX);
        of.success();
        of.success();
    }

    @Test
    void whoFailsEveryThirdRequestIsEjectedForLongerEachTime() {
        var flaky = withShare(0.25);
        long[] expected = {1, 2, 4, 8};
        for (long seconds : expected) {
            int requests = 0;
            while (flaky.available()) {
                assertThat(requests).isLessThan(40);
                threeOfWhichOneFails(flaky);
                requests += 3;
                now += SECOND / 10;
            }
            assertThat(requests).as("too few to tell").isGreaterThanOrEqualTo(10);
            assertThat(flaky.unavailableFor()).isBetween(Duration.ofMillis(700 * seconds), Duration.ofSeconds(seconds));
            // Neither the answers of requests before nor a page that works makes it well.
            flaky.success();
            flaky.check(CheckResult.ALIVE);
            assertThat(flaky.available()).isFalse();
            now += seconds * SECOND;
            assertThat(flaky.available()).isTrue();
        }
        // After a good minute all is forgotten.
        for (int i = 0; i < 70; i++) {
            flaky.success();
            now += SECOND;
        }
        while (flaky.available()) {
            threeOfWhichOneFails(flaky);
        }
        assertThat(flaky.unavailableFor()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whoFailsNowAndThenIsNot() {
        var good = withShare(0.25);
        for (int i = 0; i < 200; i++) {
            good.failure(FailureKind.RESET);
            for (int k = 0; k < 4; k++) {
                good.success();
            }
            now += SECOND / 10;
            assertThat(good.available()).as("round " + i).isTrue();
        }
    }

    @Test
    void aShareOfOneNeverEjects() {
        var never = withShare(1);
        for (int i = 0; i < 1_000; i++) {
            for (int k = 0; k < 4; k++) {
                never.failure(FailureKind.RESET);
            }
            never.success();
        }
        assertThat(never.available()).isTrue();
    }

    @Test
    void thoseEjectedTogetherDoNotReturnTogether() {
        var lengths = new HashSet<Duration>();
        for (int seed = 0; seed < 50; seed++) {
            var one = new Health(HealthPolicy.DEFAULT, () -> now, seed, () -> {});
            one.failure(FailureKind.CONNECT);
            one.failure(FailureKind.CONNECT);
            lengths.add(one.unavailableFor());
        }
        assertThat(lengths).hasSizeGreaterThan(40);
    }

    // ---- slow start

    @Test
    void whoComesBackTakesAGrowingShare() {
        var one = withShare(0.25);
        assertThat(one.share(now)).isEqualTo(1.0);
        one.check(CheckResult.REFUSED);
        now += 100 * SECOND;
        one.check(CheckResult.ALIVE);
        assertThat(one.share(now)).isEqualTo(0.1);
        now += 5 * SECOND;
        one.check(CheckResult.ALIVE);
        assertThat(one.share(now)).isEqualTo(0.5);
        now += 5 * SECOND;
        assertThat(one.share(now)).isEqualTo(1.0);
        for (int i = 0; i < 5; i++) {
            one.failure(FailureKind.RESET);
        }
        assertThat(one.available()).isFalse();
        now += SECOND + one.unavailableFor().toNanos();
        assertThat(one.available()).isTrue();
        assertThat(one.share(now)).isEqualTo(0.1);
        now += SECOND;
        assertThat(one.share(now)).isEqualTo(0.2);
        one.success();
        assertThat(one.share(now)).isEqualTo(0.2);
    }

    @Test
    void withoutSlowStartItTakesItsShareAtOnce() {
        health.check(CheckResult.REFUSED);
        health.check(CheckResult.ALIVE);
        assertThat(health.share(now)).isEqualTo(1.0);
    }

    private void eject() {
        health.failure(FailureKind.CONNECT);
        health.failure(FailureKind.CONNECT);
    }
}
