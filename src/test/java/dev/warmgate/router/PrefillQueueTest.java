package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefillQueueTest {
    private static final long SECOND = 1_000_000_000;
    private static final long MINUTE = 60 * SECOND;
    private static final Offset<Double> CLOSE = within(1e-6);

    private final PrefillQueue queue = new PrefillQueue();

    private record Work(long tokens, long nanos) {}

    /** System.nanoTime may start anywhere, and goes on at the smallest number after the largest. */
    @ParameterizedTest
    @ValueSource(longs = {0, 5 * SECOND, -7 * SECOND, -1_000 * MINUTE, Long.MIN_VALUE, Long.MAX_VALUE - 7 * SECOND})
    void theWaitShrinksWithTheClockButNotBelowAShareOfWhatIsPending(long start) {
        queue.add(1_000, 10 * SECOND, true, start);
        // It takes 1.4 times as long as alone.
        assertThat(queue.waitSeconds(start)).isCloseTo(10, CLOSE);
        assertThat(queue.waitSeconds(start + 4 * SECOND)).isCloseTo(10, CLOSE);
        assertThat(queue.waitSeconds(start + 6 * SECOND)).isCloseTo(8, CLOSE);
        assertThat(queue.waitSeconds(start + 11 * SECOND)).isCloseTo(3, CLOSE);
        assertThat(queue.waitSeconds(start + MINUTE)).isCloseTo(3, CLOSE);
        queue.add(500, 10 * SECOND, true, start + MINUTE);
        assertThat(queue.waitSeconds(start + MINUTE)).isCloseTo(14, CLOSE);
        queue.remove(1_000, 10 * SECOND, true);
        assertThat(queue.waitSeconds(start + MINUTE)).isCloseTo(10, CLOSE);
        assertThat(queue.tokens()).isEqualTo(500);
        queue.remove(500, 10 * SECOND, true);
        assertThat(queue.waitSeconds(start + MINUTE)).isZero();
        assertThat(queue.nanos()).isZero();
    }

    @Test
    void nothingPendingIsNoWait() {
        assertThat(queue.waitSeconds(0)).isZero();
        queue.add(1_000, 10 * SECOND, true, 0);
        queue.remove(1_000, 10 * SECOND, true);
        assertThat(queue.waitSeconds(1)).isZero();
        assertThat(queue.waitSeconds(-SECOND)).isZero();
    }

    @Test
    void behindAnswersThatComeAsAWholeTheClockAloneCounts() {
        queue.add(1_000, 10 * SECOND, false, 0);
        assertThat(queue.waitSeconds(6 * SECOND)).isCloseTo(8, CLOSE);
        assertThat(queue.isDone(13 * SECOND)).isFalse();
        assertThat(queue.waitSeconds(14 * SECOND)).isZero();
        assertThat(queue.isDone(14 * SECOND)).isTrue();
        queue.add(1_000, 10 * SECOND, true, 14 * SECOND);
        assertThat(queue.waitSeconds(MINUTE)).isCloseTo(3, CLOSE);
        assertThat(queue.isDone(MINUTE)).isFalse();
        assertThat(queue.streamedWaitSeconds(14 * SECOND)).isCloseTo(10, CLOSE);
        queue.remove(1_000, 10 * SECOND, true);
        assertThat(queue.streamedWaitSeconds(14 * SECOND)).isZero();
        queue.remove(1_000, 10 * SECOND, false);
        assertThat(queue.nanos()).isZero();
    }

    @Test
    void whatWasDoneSoonerThanReckonedDelaysNobody() {
        queue.add(1_000, 10 * SECOND, true, 0);
        queue.remove(1_000, 10 * SECOND, true);
        queue.add(100, SECOND, true, 3 * SECOND);
        assertThat(queue.waitSeconds(3 * SECOND)).isCloseTo(1, CLOSE);
        assertThat(queue.waitSeconds(4 * SECOND)).isCloseTo(0.4, CLOSE);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, MINUTE, -MINUTE, -2 * MINUTE, -1_000 * MINUTE})
    void utilisationSlidesFromOneMinuteToTheNext(long start) {
        assertThat(queue.utilisation(start)).isZero();
        queue.add(1_000, 6 * SECOND, true, start + SECOND);
        // What is done was dispatched all the same.
        queue.remove(1_000, 6 * SECOND, true);
        assertThat(queue.utilisation(start + 59 * SECOND)).isCloseTo(0.1, CLOSE);
        assertThat(queue.utilisation(start + MINUTE)).isCloseTo(0.1, CLOSE);
        assertThat(queue.utilisation(start + 90 * SECOND)).isCloseTo(0.05, CLOSE);
        queue.add(500, 3 * SECOND, true, start + 90 * SECOND);
        assertThat(queue.utilisation(start + 90 * SECOND)).isCloseTo(0.1, CLOSE);
        assertThat(queue.utilisation(start + 2 * MINUTE)).isCloseTo(0.05, CLOSE);
        assertThat(queue.utilisation(start + 3 * MINUTE)).isZero();
    }

    @Test
    void utilisationIsZeroAfterTwoIdleMinutes() {
        queue.add(1_000, 6 * SECOND, true, 59 * SECOND);
        assertThat(queue.utilisation(59 * SECOND + 2 * MINUTE)).isZero();
        assertThat(queue.utilisation(100 * MINUTE)).isZero();
    }

    /** The clock is read before the lock is taken, so who reads first may come second. */
    @ParameterizedTest
    @ValueSource(longs = {MINUTE, 0, -MINUTE})
    void whoComesLateIntoTheNextMinuteForgetsNothing(long minute) {
        queue.add(1_000, 6 * SECOND, true, minute - SECOND);
        assertThat(queue.utilisation(minute + 1_000)).isCloseTo(0.1, CLOSE);
        assertThat(queue.utilisation(minute - 1_000)).isCloseTo(0.1, CLOSE);
        queue.add(500, 3 * SECOND, true, minute - 1_000);
        assertThat(queue.utilisation(minute + 30 * SECOND)).isCloseTo(0.1, CLOSE);
    }

    @Test
    void atTheEndOfNumbersNoMoreIsForgottenThanTheLastMinutes() {
        queue.add(1_000, 6 * SECOND, true, Long.MAX_VALUE);
        assertThat(queue.utilisation(Long.MAX_VALUE)).isCloseTo(0.1, CLOSE);
        assertThat(queue.utilisation(Long.MIN_VALUE)).isBetween(0.0, 0.1);
        queue.add(1_000, 6 * SECOND, true, Long.MIN_VALUE + 1);
        assertThat(queue.utilisation(Long.MIN_VALUE + 2)).isBetween(0.1, 0.2);
        assertThat(queue.utilisation(Long.MIN_VALUE + 3 * MINUTE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {20_251, 20_252, 20_253})
    void agreesWithAListOfWhatIsPending(long seed) {
        var random = new Random(seed);
        var pending = new ArrayList<Work>();
        long now = -5 * MINUTE;
        // Work dispatched by minute, from five minutes before zero.
        var dispatched = new long[2_000];
        for (int i = 0; i < 3_000; i++) {
            now += random.nextInt(20) == 0 ? random.nextLong(3 * MINUTE) : random.nextLong(2 * SECOND);
            if (pending.isEmpty() || random.nextInt(100) < (i / 300 % 2 == 0 ? 60 : 40)) {
                var work = new Work(random.nextInt(30_000), random.nextLong(3 * SECOND));
                queue.add(work.tokens, work.nanos, true, now);
                pending.add(work);
                dispatched[minute(now)] += work.nanos;
            } else {
                var done = pending.remove(random.nextInt(pending.size()));
                queue.remove(done.tokens, done.nanos, true);
            }
            long nanos = pending.stream().mapToLong(Work::nanos).sum();
            assertThat(queue.tokens())
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(pending.stream().mapToLong(Work::tokens).sum());
            assertThat(queue.nanos()).as("seed %d, step %d", seed, i).isEqualTo(nanos);
            double wait = queue.waitSeconds(now);
            assertThat(wait).as("seed %d, step %d", seed, i).isBetween(nanos * 0.3e-9 - 1e-8, nanos * 1e-9);
            assertThat(queue.waitSeconds(now + SECOND))
                    .as("seed %d, step %d", seed, i)
                    .isLessThanOrEqualTo(wait);
            double rest = 1 - (double) Math.floorMod(now, MINUTE) / MINUTE;
            double before = minute(now) == 0 ? 0 : dispatched[minute(now) - 1];
            assertThat(queue.utilisation(now))
                    .as("seed %d, step %d", seed, i)
                    .isCloseTo((dispatched[minute(now)] + before * rest) / MINUTE, CLOSE);
        }
    }

    private static int minute(long now) {
        return Math.toIntExact(Math.floorDiv(now, MINUTE) + 5);
    }
}
