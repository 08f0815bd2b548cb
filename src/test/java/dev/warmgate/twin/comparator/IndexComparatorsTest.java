package dev.warmgate.twin.comparator;

import static dev.warmgate.twin.comparator.Bench.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Comparators that know the engines by an approximate index and by what they scrape or count. */
class IndexComparatorsTest {
    private static final int PROMPT = 1_024;

    @ParameterizedTest
    @CsvSource({"0.2, 0", "0.3, 1"})
    void llmDAddsUpItsThreeScores(double kvUsage, int expected) {
        var bench = new Bench("llm-d", 3);
        bench.place(1, prompt(1, PROMPT / 2, 2, PROMPT));
        bench.place(2, prompt(1, PROMPT));
        bench.engine(0, 0, kvUsage);
        bench.engine(1, 5, 0.5);
        bench.engine(2, 10, 0.9);
        // 2·1 + 2·0.8 + 0 = 3.6 or 3.4;  2·0.5 + 2·0.5 + 3·0.5 = 3.5;  0 + 2·0.1 + 3 = 3.2
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_024, 16_384, 65_536})
    void llmDLeavesAnyContextForOneWaitingRequest(int tokens) {
        var bench = new Bench("llm-d", 2);
        bench.place(0, prompt(1, tokens));
        bench.engine(0, 1, 0.6);
        bench.engine(1, 0, 0);
        // 0 + 0.8 + 3 against 2 + 2: the prefix is a ratio, however much it is worth
        assertThat(bench.send(prompt(1, tokens))).isEqualTo(1);
    }

    @Test
    void llmDCountsAtMostTheFirst131072Tokens() {
        var bench = new Bench("llm-d", 2);
        bench.place(0, prompt(1, 131_072));
        bench.engine(0, 0, 0.9);
        bench.engine(1, 0, 0);
        // 2 + 0.2 + 3 against 2 + 2; half a match would be worth 1.5
        assertThat(bench.send(prompt(1, 131_072, 2, 262_144))).isZero();
    }

    @Test
    void llmDTakesEndpointsForEmptyThatItHasNotScraped() {
        var bench = new Bench("llm-d", 2);
        bench.engine(0, 0, 0.5);
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void llmDInFlightCountsRequestsItself() {
        var bench = new Bench("llm-d-inflight", 2);
        bench.place(0, prompt(1, PROMPT));
        bench.busy(0, 9);
        // 0 + 2 + 3 against 2 + 2: without KV pressure a home is never left
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
        bench.engine(0, 0, 0.6);
        // 0 + 0.8 + 3 against 2 + 2
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void smgStaysUntilTheDifferenceIsAboveItsThreshold() {
        var bench = new Bench("smg", 2);
        bench.place(0, prompt(1, PROMPT));
        bench.busy(0, 62);
        // far too coarse where 10 or 20 requests are a full engine
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
        // 65 requests against none
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void smgIgnoresMatchesOfLessThanItsShare() {
        var bench = new Bench("smg", 2);
        bench.place(0, prompt(1, 320));
        // 320 of 1,088 is 0.29
        assertThat(bench.send(prompt(1, 320, 2, 1_088))).isEqualTo(1);
    }

    @Test
    void smgTakesTheIdlestOfSeveralHolders() {
        var bench = new Bench("smg", 3);
        bench.place(0, prompt(1, PROMPT));
        bench.place(1, prompt(1, PROMPT));
        bench.busy(0, 2).busy(1, 1);
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void aibrixForgetsPrefixesWhenLoadsDifferByNine() {
        var bench = new Bench("aibrix", 2);
        bench.place(0, prompt(1, PROMPT));
        bench.busy(0, 7);
        // 8 and 0: mean 4, deviation 4
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
        // 9 and 0: at 60 requests per endpoint such a difference is there always
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void aibrixTakesAShorterMatchThatIsLessBusy() {
        var bench = new Bench("aibrix", 3);
        bench.place(0, prompt(1, PROMPT));
        bench.busy(0, 5);
        bench.place(1, prompt(1, PROMPT / 2, 2, PROMPT));
        // 6, 1, 0: mean 2.3, deviation 2.6
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void chwblSendsOneFirstBlockToOnePlace() {
        var bench = new Bench("chwbl", 4);
        int home = bench.send(prompt(1, PROMPT));
        for (int agent = 2; agent < 20; agent++) {
            var other = new Bench("chwbl", 4);
            assertThat(other.send(prompt(1, 64, agent, PROMPT))).isEqualTo(home);
        }
    }

    @Test
    void chwblBoundsLoadsOnceThereAreAsManyRequestsAsEndpoints() {
        var bench = new Bench("chwbl", 4);
        int home = bench.send(prompt(1, PROMPT));
        // 1.25·(1 + 1)/4 and 1.25·(2 + 1)/4 are less than one request: nobody is below the bound
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(home);
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(home);
        for (int i = 4; i <= 400; i++) {
            bench.send(prompt(1, PROMPT));
            assertThat(bench.inFlightMost()).isLessThanOrEqualTo(Math.max(3, (int) (1.25 * i / 4)));
        }
    }

    @Test
    void chwblSpreadsFirstBlocks() {
        var homes = new int[4];
        for (int i = 0; i < 4_000; i++) {
            homes[new Bench("chwbl", 4).send(prompt(1_000 + i, 64))]++;
        }
        assertThat(Arrays.stream(homes)).allMatch(n -> n > 700 && n < 1_300);
    }

    @Test
    void prebleExploitsAMatchOfMoreThanHalf() {
        var bench = new Bench("preble", 2);
        bench.place(0, prompt(1, PROMPT));
        bench.place(1, prompt(2, PROMPT));
        assertThat(bench.send(prompt(1, 576, 3, PROMPT))).isZero();
    }

    @Test
    void prebleExploresWithAMatchOfHalf() {
        var bench = new Bench("preble", 2);
        bench.place(0, prompt(1, 20_480));
        bench.place(1, prompt(2, PROMPT));
        // 1.2 s of prefill more in the window against 0.6 s to save
        assertThat(bench.send(prompt(1, 10_240, 3, 20_480))).isEqualTo(1);
    }

    @Test
    void prebleRebalancesWithinItsWindow() {
        var bench = new Bench("preble", 2);
        bench.place(0, prompt(1, PROMPT));
        bench.place(0, prompt(1, PROMPT));
        bench.place(1, prompt(2, PROMPT));
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
        bench.now += 181_000_000_000L;
        bench.place(0, prompt(3, PROMPT));
        bench.place(1, prompt(4, PROMPT));
        // all that was before is forgotten
        assertThat(bench.send(prompt(3, PROMPT))).isZero();
    }

    @Test
    void referenceStaysHomeUntilTheQueueCostsMore() {
        var bench = new Bench("reference", 2);
        bench.place(0, prompt(1, 16_384));
        bench.busy(0, 5);
        // 2·64 + 64·6 against 2·16,448
        assertThat(bench.send(prompt(1, 16_384, 2, 16_448))).isZero();
        // 2·1,024 + 1,024·77 against 2·2,048: a short prefix is not worth a batch
        bench.busy(0, 70);
        bench.place(0, prompt(3, PROMPT));
        assertThat(bench.send(prompt(3, PROMPT, 4, 2 * PROMPT))).isEqualTo(1);
    }
}
