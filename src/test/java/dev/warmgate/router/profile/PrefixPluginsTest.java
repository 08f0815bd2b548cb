package dev.warmgate.router.profile;

import static dev.warmgate.router.profile.Bench.prompt;
import static dev.warmgate.router.profile.Bench.request;
import static dev.warmgate.router.profile.Bench.scorer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class PrefixPluginsTest {
    private static final Offset<Double> EXACT = Offset.offset(1e-12);

    private static Bench scoring(Scorer scorer) {
        return Bench.of(2, List.of(), scorer("s", scorer));
    }

    @Test
    void aPrefixIsRatedByItsShareAndItsLength() {
        var bench = scoring(new Scorer.PrefixCache(0.5, 8192));
        bench.serve(0, prompt(1, 8 * 64));

        var totals = bench.totals(request(prompt(1, 16 * 64)));

        assertThat(totals.get("e0")).isCloseTo(0.251953125, EXACT);
        assertThat(totals.get("e1")).isZero();
    }

    @Test
    void onlyWholeBlocksMatchButTheEndOfAnEqualPrompt() {
        var bench = scoring(Scorer.PrefixCache.DEFAULT);
        var short100 = new PromptBlocks(new long[] {11}, new int[] {100});
        var long250 = new PromptBlocks(new long[] {11, 12}, new int[] {100, 250});
        bench.serve(0, short100);

        assertThat(bench.totals(request(short100)).get("e0")).isCloseTo(1, EXACT);
        // 100 tokens are one whole block of 64, of four.
        assertThat(bench.totals(request(long250)).get("e0")).isCloseTo(0.25, EXACT);
    }

    @Test
    void noMoreIsLookedAtThanTheProducerSays() {
        assertThat(ApproximatePrefix.DEFAULT.blockSizeTokens()).isEqualTo(64);
        assertThat(ApproximatePrefix.DEFAULT.blocks(200_000)).isEqualTo(2048);
        assertThat(new ApproximatePrefix(128, 10, 0).blocks(10_000)).isEqualTo(10);
        assertThat(new ApproximatePrefix(128, 0, 0).blocks(10_000)).isEqualTo(79);
        assertThat(new ApproximatePrefix(128, 0, 100).blocks(10_000)).isZero();
    }

    @Test
    void anEmptyPromptHasNoPrefix() {
        assertThat(scoring(Scorer.PrefixCache.DEFAULT)
                        .totals(request(PromptBlocks.EMPTY))
                        .values())
                .containsOnly(0.0);
    }

    @Test
    void withoutAProducerNothingMatches() {
        var profile = new SchedulingProfile(
                "p", List.of(), List.of(scorer("s", Scorer.PrefixCache.DEFAULT)), Picker.MAX_SCORE);
        var bench = new Bench(
                new ChainSpec("c", List.of(profile), new ProfileHandler.Single(), null, InFlightLoad.DEFAULT),
                Bench.unlabelled(1));
        bench.serve(0, prompt(1, 640));

        assertThat(bench.totals(request(prompt(1, 640))).get("e0")).isZero();
    }

    private static Bench sticking(Filter.PrefixAffinity filter, int endpoints) {
        return Bench.of(endpoints, Filter.numbered(filter));
    }

    @Test
    void thoseThatHoldThePromptKeepItUnlessTheyAreFarBehind() {
        // 1000 tokens per second, a second of penalty.
        var bench = sticking(new Filter.PrefixAffinity(0.8, 0, 1000, 1000), 3);
        assertThat(bench.left(request(prompt(1, 640)))).hasSize(3);
        bench.serve(1, prompt(2, 640));
        bench.serve(2, prompt(2, 640 - 64 * 3));
        assertThat(bench.left(request(prompt(2, 640)))).containsExactly("e1");

        bench.sendTo(1, prompt(3, 640));
        assertThat(bench.left(request(prompt(2, 640)))).containsExactly("e1");
        bench.sendTo(1, prompt(4, 640));
        assertThat(bench.left(request(prompt(2, 640)))).hasSize(3);
    }

    @Test
    void aThresholdOfNothingOrExplorationLetsAllThrough() {
        var off = sticking(new Filter.PrefixAffinity(0, 0, 0, 1), 2);
        off.serve(0, prompt(1, 640));
        assertThat(off.left(request(prompt(1, 640)))).hasSize(2);

        var exploring = sticking(new Filter.PrefixAffinity(0.8, 1, 0, 1), 2);
        exploring.serve(0, prompt(1, 640));
        assertThat(exploring.left(request(prompt(1, 640)))).hasSize(2);
    }

    @Test
    void newPromptsGoRoundAndOthersDoNotCare() {
        var bench = Bench.of(3, List.of(), scorer("s", Scorer.NoHitLru.DEFAULT));

        // Each goes to the best, which is then the last in the order.
        assertThat(bench.totals(request(prompt(1, 640))).values()).containsExactly(1.0, 0.5, 0.0);
        assertThat(bench.totals(request(prompt(2, 640))).values()).containsExactly(0.0, 1.0, 0.5);
        assertThat(bench.totals(request(prompt(3, 640))).values()).containsExactly(0.5, 0.0, 1.0);
        assertThat(bench.totals(request(prompt(4, 640))).values()).containsExactly(1.0, 0.5, 0.0);
        assertThat(bench.totals(request(prompt(1, 640))).values()).containsExactly(0.5, 0.5, 0.5);
        assertThat(bench.totals(request(prompt(5, 640))).values()).containsExactly(0.0, 1.0, 0.5);
    }

    @Test
    void answersCountUntilTheEndIfTheyAreEstimated() {
        var profile = new SchedulingProfile(
                "p", List.of(), List.of(scorer("s", new Scorer.TokenLoad(10_000))), Picker.MAX_SCORE);
        var load = new InFlightLoad(true, 1.5, 800);
        var bench = new Bench(
                new ChainSpec("c", List.of(profile), new ProfileHandler.Single(), ApproximatePrefix.DEFAULT, load),
                Bench.unlabelled(2));

        var sent = bench.sendTo(0, prompt(1, 640));
        sent.firstToken();
        // 640 + 800 are there, and 640 + 800 would come.
        var totals = bench.totals(request(prompt(2, 640)));
        assertThat(totals.get("e0")).isCloseTo(1 - 0.288, EXACT);
        assertThat(totals.get("e1")).isCloseTo(1 - 0.144, EXACT);

        sent.settle(Usage.UNKNOWN);
        assertThat(bench.totals(request(prompt(3, 64))).get("e0")).isCloseTo(1 - 0.016, EXACT);
    }
}
