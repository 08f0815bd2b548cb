package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.workload.LadderWorkload;
import dev.warmgate.twin.workload.Plan;
import java.util.Collections;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/**
 * The model against a published run: a part of the ladder "73-capacity" of llm-d-kv-cache, eight Qwen3-32B on two H100
 * each. {@code docs/validation.md} has the whole.
 */
class PublishedLadderTest {
    private static final long SEED = 1;

    /** What the benchmark's client and llm-d's proxy add to every time to first token. */
    private static final double CLIENT_SECONDS = 0.2;

    /** llm-d reads metrics every 50 ms. */
    private static final double METRICS_AGE_SECONDS = 0.05;

    private static final Percentage CLOSE = Percentage.withPercentage(25);

    @Test
    void lowRatesAndTheFirstOneThatIsTooMuchForRandomPlacement() {
        var ladder = LadderWorkload.QWEN_32B.only(3, 10, 15, 20);
        check(ladder, "random", Map.of(3, 0.622, 10, 0.826, 15, 1.278, 20, 25.073));
        check(ladder, "llm-d-precise", Map.of(3, 0.291, 10, 0.335, 15, 0.249, 20, 0.363));
    }

    @Test
    void theHighestRate() {
        check(LadderWorkload.QWEN_32B.only(60), "random", Map.of(60, 57.426));
    }

    /** Compares the mean times to first token, in seconds by requests per second. */
    private static void check(LadderWorkload ladder, String policy, Map<Integer, Double> published) {
        var plan = ladder.plan("ladder", SEED, 1);
        var settings = new SimulationSettings(
                Collections.nCopies(8, HardwareProfile.QWEN3_32B_TP2_H100),
                SEED,
                METRICS_AGE_SECONDS,
                1,
                0,
                Double.POSITIVE_INFINITY,
                800,
                null,
                Map.of());
        var run = Plans.run(plan, settings, policy);
        for (int s = 1; s < ladder.stages().size(); s++) {
            int rate = (int) ladder.stages().get(s).requestsPerSecond();
            assertThat(CLIENT_SECONDS + meanTtft(plan, run, s))
                    .as("%s at %d/s", policy, rate)
                    .isCloseTo(published.get(rate), CLOSE);
        }
    }

    private static double meanTtft(Plan plan, PolicyRun run, int stage) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < plan.requests().size(); i++) {
            if (plan.requests().get(i).stage() == stage) {
                sum += run.outcomes().get(i).ttftSeconds();
                count++;
            }
        }
        return sum / count;
    }
}
