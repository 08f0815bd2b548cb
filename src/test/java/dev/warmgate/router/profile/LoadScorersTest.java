package dev.warmgate.router.profile;

import static dev.warmgate.router.profile.Bench.request;
import static dev.warmgate.router.profile.Bench.scorer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Adapters;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LoadScorersTest {
    private static final InferenceRequest ANY = request(PromptBlocks.EMPTY);
    private static final Offset<Double> EXACT = Offset.offset(1e-12);

    private static Bench bench(int endpoints, Scorer scorer) {
        return Bench.of(endpoints, List.of(), scorer("s", scorer));
    }

    private static void expect(Bench bench, double... scores) {
        expect(bench, ANY, scores);
    }

    private static void expect(Bench bench, InferenceRequest request, double... scores) {
        var totals = bench.totals(request);
        assertThat(totals).hasSize(scores.length);
        for (int i = 0; i < scores.length; i++) {
            assertThat(totals.get("e" + i)).as("e" + i).isCloseTo(scores[i], EXACT);
        }
    }

    @Test
    void theDefaultProfileOfTheReferenceScoresAsItSays() {
        var bench = Bench.of(
                3,
                List.of(),
                new Scorer.Weighted("queue-scorer", new Scorer.Queue(), 2),
                new Scorer.Weighted("kv-cache-utilization-scorer", new Scorer.KvCacheUtilization(), 2),
                new Scorer.Weighted("prefix-cache-scorer", Scorer.PrefixCache.DEFAULT, 3));
        bench.serve(1, Bench.prompt(1, 8 * 64));
        bench.serve(2, Bench.prompt(1, 16 * 64));
        bench.load(0, 0, 0, 0.2);
        bench.load(1, 0, 5, 0.5);
        bench.load(2, 0, 10, 0.9);

        var explanation = bench.explain(request(Bench.prompt(1, 16 * 64)));

        assertThat(explanation.chosen().endpoint()).isEqualTo("e0");
        assertThat(explanation.reason())
                .isEqualTo("e0 has the highest score, 3.600 (queue-scorer 2.000, kv-cache-utilization-scorer 1.600,"
                        + " prefix-cache-scorer 0.000); e1 has 3.500");
        assertThat(explanation.candidates())
                .extracting(candidate -> {
                    var score = candidate.score();
                    return score == null || !candidate.rated() ? "-" : String.format("%.4f", score.total());
                })
                .containsExactly("3.6000", "3.5000", "3.2000");
    }

    @Test
    void queueAndRunningRequestsAreRatedBetweenTheExtremes() {
        var queue = bench(3, new Scorer.Queue());
        expect(queue, 1, 1, 1);
        queue.load(0, 0, 2, 0);
        queue.load(1, 0, 4, 0);
        queue.load(2, 0, 10, 0);
        expect(queue, 1, 0.75, 0);

        var running = bench(3, new Scorer.RunningRequests());
        running.load(0, 7, 0, 0);
        running.load(1, 0, 9, 0);
        running.load(2, 14, 0, 0);
        expect(running, 0.5, 1, 0);
    }

    @Test
    void kvUsageThatIsNotToldCountsAsNone() {
        var bench = bench(3, new Scorer.KvCacheUtilization());
        bench.load(0, 0, 0, 0.25);
        bench.load(1, 0, 0, Double.NaN);

        expect(bench, 0.75, 1, 1);
    }

    @Test
    void loadAwareHasAThreshold() {
        var bench = bench(4, new Scorer.LoadAware(0));
        bench.load(1, 0, 1, 0);
        bench.load(2, 0, 64, 0);
        bench.load(3, 0, 200, 0);

        expect(bench, 0.5, 0.49609375, 0.25, 0);
    }

    @Test
    void activeRequestsAreThoseInFlightHere() {
        var bench = bench(3, Scorer.ActiveRequests.DEFAULT);
        expect(bench, 1, 1, 1);
        bench.sendTo(1, PromptBlocks.EMPTY);
        for (int n = 0; n < 4; n++) {
            bench.sendTo(2, PromptBlocks.EMPTY);
        }
        expect(bench, 1, 0.75, 0);

        var busy = bench(2, new Scorer.ActiveRequests(1, 0.5));
        busy.sendTo(0, PromptBlocks.EMPTY);
        for (int n = 0; n < 2; n++) {
            busy.sendTo(1, PromptBlocks.EMPTY);
        }
        expect(busy, 1, 0);
    }

    @Test
    void tokensInFlightAreThoseUncachedUntilTheFirstTokenAndThisRequestsOwn() {
        var bench = bench(2, new Scorer.TokenLoad(10_000));
        bench.serve(0, Bench.prompt(1, 6400));
        expect(bench, request(Bench.prompt(1, 6400)), 1, 0.36);

        bench.sendTo(1, Bench.prompt(2, 1280));
        expect(bench, request(Bench.prompt(3, 640)), 1 - 0.064, 1 - 0.192);
    }

    @Test
    void anAttributeIsRatedBetweenFixedValuesOrTheExtremes() {
        var fixed = bench(3, new Scorer.Attribute(CoreMetric.KV_USAGE, false, new Scorer.Range.Fixed(0.2, 0.6)));
        fixed.load(0, 0, 0, 0.1);
        fixed.load(1, 0, 0, 0.3);
        expect(fixed, 1, 0.75, 0);

        var adaptive = bench(3, new Scorer.Attribute(CoreMetric.WAITING, true, new Scorer.Range.Adaptive()));
        adaptive.load(0, 0, 4, 0);
        adaptive.load(1, 0, 8, 0);
        expect(adaptive, 0, 1, 0);
        adaptive.load(1, 0, 4, 0);
        expect(adaptive, 1, 1, 0);
    }

    @Test
    void anAdapterThatRunsIsBetterThanRoomForItAndRoomThanAWait() {
        var bench = bench(5, new Scorer.LoraAffinity());
        bench.adapters(0, new Adapters(Set.of("adapter", "b"), Set.of(), 2));
        bench.adapters(1, new Adapters(Set.of("b"), Set.of(), 2));
        bench.adapters(2, new Adapters(Set.of("b"), Set.of("adapter"), 2));
        bench.adapters(3, new Adapters(Set.of("b"), Set.of("c"), 2));

        expect(bench, new InferenceRequest("adapter", PromptBlocks.EMPTY, -1, null), 1, 0.8, 0.6, 0, 0);
    }
}
