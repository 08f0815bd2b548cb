package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunningAnswersTest {
    private static final long SECOND = 1_000_000_000;

    private final RunningAnswers answers = new RunningAnswers();

    private record Ended(int tokens, long nanos) {}

    /** Lets an answer of 500 tokens take ten seconds. */
    private void learn(long start) {
        answers.begin(start);
        answers.end(start, start + 10 * SECOND, 500);
    }

    @Test
    void nothingIsKnownBeforeAnAnswerEnded() {
        assertThat(answers.tokens(0)).isZero();
        answers.begin(0);
        assertThat(answers.tokens(5 * SECOND)).isZero();
    }

    /** System.nanoTime may start anywhere, and the sum of some thousand times wraps around. */
    @ParameterizedTest
    @ValueSource(longs = {0, -100 * SECOND, Long.MIN_VALUE, Long.MAX_VALUE - 15 * SECOND, Long.MAX_VALUE / 3})
    void answersOfOneRateAreCountedExactly(long start) {
        learn(start);
        assertThat(answers.tokens(start + 10 * SECOND)).isZero();
        for (int i = 0; i < 5_000; i++) {
            answers.begin(start + 12 * SECOND + i);
        }
        long now = start + 22 * SECOND;
        // 50 tokens a second each; the i-th began i nanoseconds later.
        assertThat(answers.tokens(now)).isCloseTo(5_000 * 500 - 50e-9 * (4_999 * 2_500), within(1e-3));
        for (int i = 0; i < 5_000; i++) {
            answers.end(start + 12 * SECOND + i, now + i, 500);
        }
        assertThat(answers.tokens(now + SECOND)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void anAnswerOfUnknownLengthOrInOnePieceTellsNoRate(int tokens) {
        answers.begin(0);
        answers.end(0, SECOND, tokens);
        answers.begin(0);
        assertThat(answers.tokens(10 * SECOND)).isZero();
        learn(0);
        answers.begin(0);
        answers.end(0, 100 * SECOND, tokens);
        assertThat(answers.tokens(10 * SECOND)).isCloseTo(500, within(1e-6));
    }

    @Test
    void anAnswerSharesItsStepsWithThoseThatRunBesideIt() {
        answers.begin(0);
        var mark = answers.mark(0);
        answers.begin(5 * SECOND);
        answers.begin(5 * SECOND);
        var company = answers.since(mark, 100, 10 * SECOND);
        // Five seconds alone and five with two others: 10 / (5 + 5 / 3).
        assertThat(company.answers()).isCloseTo(1.5, within(1e-9));
        assertThat(company.tokenPrice()).isCloseTo(Work.price(1.5, 1.5), within(1e-9));
    }

    @Test
    void stepsThatArePartlyPromptsCostItsTokensLess() {
        answers.begin(0);
        var mark = answers.mark(0);
        for (int i = 0; i < 10; i++) {
            answers.prefilled(2_000);
        }
        answers.prefilled(20_000);
        var company = answers.since(mark, 100, 10 * SECOND);
        // Thirteen of a hundred steps had prompts in them: 20,000 tokens take three.
        assertThat(company.tokenPrice())
                .isCloseTo(0.87 * Work.price(1, 1) + 0.13 * Work.price(1 + 40_000 / 13.0, 1), within(1e-9));
    }

    @Test
    void anAnswerInOnePieceHasTheUsualCompany() {
        answers.begin(0);
        assertThat(answers.since(answers.mark(0), 100, 0)).isEqualTo(RunningAnswers.Company.USUAL);
    }

    @Test
    void anAnswerThatTookNoTimeTellsNoRate() {
        answers.begin(SECOND);
        answers.end(SECOND, SECOND, 500);
        answers.begin(SECOND);
        assertThat(answers.tokens(10 * SECOND)).isZero();
    }

    @Test
    void theRateFollowsTheLastAnswers() {
        learn(0);
        for (int i = 0; i < 640; i++) {
            answers.begin(0);
            answers.end(0, 10 * SECOND, 200);
        }
        answers.begin(0);
        assertThat(answers.tokens(10 * SECOND)).isCloseTo(200, within(0.1));
    }

    @ParameterizedTest
    @ValueSource(longs = {20_251, 20_252, 20_253})
    void agreesWithAListOfAnswers(long seed) {
        var random = new Random(seed);
        var running = new ArrayList<Long>();
        var ended = new ArrayList<Ended>();
        // The clock wraps around on the way.
        long now = Long.MAX_VALUE - 500 * SECOND;
        for (int i = 0; i < 3_000; i++) {
            now += random.nextLong(SECOND);
            if (running.isEmpty() || random.nextInt(100) < (i / 300 % 2 == 0 ? 60 : 40)) {
                answers.begin(now);
                running.add(now);
            } else {
                long began = running.remove(random.nextInt(running.size()));
                int tokens = random.nextInt(-1, 2_000);
                answers.end(began, now, tokens);
                if (tokens > 1 && now != began) {
                    ended.add(new Ended(tokens, now - began));
                }
            }
            double expected = 0;
            for (long began : running) {
                expected += now - began;
            }
            expected *= rate(ended);
            assertThat(answers.tokens(now))
                    .as("seed %d, step %d", seed, i)
                    .isCloseTo(expected, within(1e-9 * (1 + expected)));
        }
        for (long began : running) {
            answers.end(began, now, 5);
        }
        assertThat(answers.tokens(now + SECOND)).as("seed %d", seed).isZero();
    }

    /** Returns tokens per nanosecond, each answer counting by 1/64 less than the one after it. */
    private static double rate(List<Ended> ended) {
        double tokens = 0;
        double nanos = 0;
        double weight = 1;
        for (var answer : ended.reversed()) {
            tokens += weight * answer.tokens;
            nanos += weight * answer.nanos;
            weight *= 1 - 1.0 / 64;
        }
        return nanos == 0 ? 0 : tokens / nanos;
    }
}
