package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.SpareSeconds.Begin;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of 200 tokens, one every 20 ms where nothing stalls them; 0.1 s, less a margin of 5 %, are allowed for each. */
class SpareSecondsTest {
    private static final long SECOND = 1_000_000_000;
    private static final double TARGET = 0.1;
    private static final double EACH = 0.02;

    /** What a token leaves. */
    private static final double SPARE = 0.95 * TARGET - EACH;

    private final SpareSeconds spare = new SpareSeconds();

    private void learn(long start) {
        var begin = spare.begin(TARGET, start);
        spare.end(begin, 200, start + 4 * SECOND);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -100 * SECOND, Long.MIN_VALUE, Long.MAX_VALUE - 10 * SECOND})
    void anAnswerBearsWhatItsTokensSoFarAllow(long start) {
        learn(start);
        long now = start + 5 * SECOND;
        spare.begin(TARGET, now);
        now += 2 * SECOND;
        // A hundred tokens.
        assertThat(spare.harmed(0, 100 * SPARE - 0.001, now)).isZero();
        assertThat(spare.harmed(3, 100 * SPARE - 3.001, now)).isZero();
        // What it lacks takes so many tokens more, of twice the mean at most.
        double lacks = 1;
        assertThat(spare.harmed(0, 100 * SPARE + lacks, now)).isCloseTo(lacks / (200 * SPARE), within(1e-6));
        assertThat(spare.harmed(3, 100 * SPARE + lacks - 3, now)).isCloseTo(lacks / (200 * SPARE), within(1e-6));
        assertThat(spare.harmed(0, 1_000, now)).isCloseTo(1, within(1e-6));
    }

    @Test
    void whatStalledItCounts() {
        learn(0);
        spare.begin(TARGET, 5 * SECOND);
        spare.prefilled(1, 8 * SECOND);
        // Three seconds, one of them stalled: again a hundred tokens, but a second is gone.
        assertThat(spare.harmed(0, 100 * SPARE - 1.001, 8 * SECOND)).isZero();
        assertThat(spare.harmed(0, 100 * SPARE, 8 * SECOND)).isCloseTo(1 / (200 * SPARE), within(1e-6));
    }

    @Test
    void whoIsTooSlowAlreadyCannotBeHarmed() {
        learn(0);
        spare.begin(TARGET, 5 * SECOND);
        spare.prefilled(200 * SPARE + 1, 5 * SECOND);
        assertThat(spare.harmed(0, 5, 5 * SECOND)).isZero();
    }

    @Test
    void stallsDoNotMakeTheEndpointLookSlow() {
        var begin = spare.begin(TARGET, 0);
        spare.prefilled(4, 5 * SECOND);
        spare.end(begin, 200, 8 * SECOND);
        spare.begin(TARGET, 8 * SECOND);
        assertThat(spare.harmed(0, 100 * SPARE - 0.001, 10 * SECOND)).isZero();
        assertThat(spare.harmed(0, 100 * SPARE + 0.1, 10 * SECOND)).isPositive();
    }

    @Test
    void nothingIsHarmedWhereNothingIsKnownOrNothingCanBeSaved() {
        spare.begin(TARGET, 0);
        assertThat(spare.harmed(0, 100, SECOND)).isZero();
        var slow = new SpareSeconds();
        // 0.096 s for each token, without any prompt.
        slow.end(slow.begin(TARGET, 0), 200, 19_200_000_000L);
        slow.begin(TARGET, 20 * SECOND);
        assertThat(slow.harmed(0, 100, 21 * SECOND)).isZero();
    }

    /** Against a plain sum over all that run. */
    @Test
    void onlyThoseThatAPromptWouldMakeTooSlowCount() {
        learn(0);
        var random = new Random(3);
        var running = new ArrayList<Begin>();
        var stalls = new ArrayList<List<Double>>();
        long now = 5 * SECOND;
        for (int i = 0; i < 2_000; i++) {
            now += random.nextInt(200_000_000);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    running.add(spare.begin(TARGET, now));
                    stalls.add(new ArrayList<>());
                }
                case 2 -> {
                    double prefill = random.nextDouble() * 0.3;
                    spare.prefilled(prefill, now);
                    stalls.forEach(list -> list.add(prefill));
                }
                default -> {
                    if (!running.isEmpty()) {
                        int one = random.nextInt(running.size());
                        // So short that it tells nothing.
                        spare.end(running.remove(one), 2, now);
                        stalls.remove(one);
                    }
                }
            }
            double wait = random.nextInt(3) == 0 ? random.nextDouble() : 0;
            double prefill = random.nextDouble() * 4;
            double sum = 0;
            for (int r = 0; r < running.size(); r++) {
                double stalled =
                        stalls.get(r).stream().mapToDouble(Double::doubleValue).sum();
                double tokens = ((now - running.get(r).at()) * 1e-9 - stalled) / EACH;
                double lacks = stalled + wait - tokens * SPARE;
                sum += share(lacks + prefill) - share(lacks);
            }
            assertThat(spare.harmed(wait, prefill, now)).isCloseTo(sum, within(1e-6));
        }
    }

    private static double share(double lacks) {
        return Math.clamp(lacks / (200 * SPARE), 0, 1);
    }
}
