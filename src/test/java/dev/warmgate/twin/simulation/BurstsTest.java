package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What {@code warm} must do when many requests come at once, or most of them want the same. */
class BurstsTest {
    private static final long SEED = 20_261_125;
    private static final int ENDPOINTS = 8;

    @Test
    void aBurstOfOneColdPromptIsSpreadEvenly() {
        var requests = IntStream.range(0, 1_000)
                .mapToObj(i -> Plans.alone(0, i * 5e-6, 1, 2_000, 100))
                .toList();
        var run = warm(requests);
        var counts = requestsByEndpoint(run.outcomes());
        assertThat(Arrays.stream(counts).min().orElse(0))
                .as("requests by endpoint %s, seed %d", Arrays.toString(counts), SEED)
                .isGreaterThanOrEqualTo(119);
        assertThat(Arrays.stream(counts).max().orElse(0))
                .as("requests by endpoint %s, seed %d", Arrays.toString(counts), SEED)
                .isLessThanOrEqualTo(131);
    }

    @Test
    void samplesOfALongPromptEndAsSoonAsUnderTheBestFixedPlacement() {
        var requests = IntStream.range(0, 16)
                .mapToObj(i -> Plans.alone(0, i * 1e-6, 1, 30_000, 500))
                .toList();
        var warm = warm(requests);
        var best = IntStream.rangeClosed(1, ENDPOINTS)
                .mapToDouble(used -> {
                    int[] next = {0};
                    return end(Plans.run(
                            new Plan("burst", requests),
                            Plans.fleet(ENDPOINTS, SEED, 1, 0),
                            Plans.policy(_ -> next[0]++ % used)));
                })
                .min()
                .orElseThrow();
        assertThat(end(warm)).as("seed %d", SEED).isLessThanOrEqualTo(1.15 * best);
    }

    @Test
    void aHotPrefixIsServedFromCachesWithoutAHotEndpoint() {
        var random = new SplittableRandom(SEED);
        var requests = new ArrayList<PlannedRequest>();
        double at = 0;
        for (int i = 0; i < 9_000; i++) {
            at -= Math.log(1 - random.nextDouble()) / 50;
            // 60 % about one prefix, the rest about 400 others.
            long prefix = random.nextDouble() < 0.6 ? 1 : 2 + random.nextInt(400);
            requests.add(Plans.about(0, at, prefix, prefix == 1 ? 12_000 : 6_000, 10_000 + i, 200, 150));
        }
        var outcomes = warm(requests).outcomes();
        var settled = outcomes.subList(outcomes.size() / 2, outcomes.size());
        var work = new double[ENDPOINTS];
        double prompts = 0;
        double cached = 0;
        for (var outcome : settled) {
            work[outcome.endpoint()]++;
            prompts += outcome.promptTokens();
            cached += outcome.cachedTokens();
        }
        assertThat(cached / prompts).as("hit ratio, seed %d", SEED).isGreaterThanOrEqualTo(0.9);
        double mean = Arrays.stream(work).average().orElseThrow();
        assertThat(Arrays.stream(work).max().orElseThrow() / mean)
                .as("requests by endpoint %s, seed %d", Arrays.toString(work), SEED)
                .isLessThanOrEqualTo(1.25);
    }

    private static PolicyRun warm(List<PlannedRequest> requests) {
        return Plans.run(new Plan("burst", requests), Plans.fleet(ENDPOINTS, SEED, 1, 0), "warm");
    }

    private static double end(PolicyRun run) {
        return run.outcomes().stream()
                .mapToDouble(RequestOutcome::endSeconds)
                .max()
                .orElseThrow();
    }

    private static int[] requestsByEndpoint(List<RequestOutcome> outcomes) {
        var counts = new int[ENDPOINTS];
        outcomes.forEach(outcome -> counts[outcome.endpoint()]++);
        return counts;
    }
}
