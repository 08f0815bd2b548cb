package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Hardware that nobody told the gateway about. Nothing is shared: speed and load are all that tells endpoints apart. */
class MixedFleetTest {
    private static final long SEED = 20_261_127;

    private static final List<HardwareProfile> FLEET = List.of(
            HardwareProfile.QWEN3_32B_TP2_H100,
            HardwareProfile.LLAMA_3_1_8B_H100,
            HardwareProfile.QWEN3_32B_TP2_H100,
            HardwareProfile.LLAMA_3_1_8B_H100);

    /** Prompts of 4,000 tokens in the median, 8 per second: busy, but not full. */
    private static final Plan PLAN = plan();

    private static Plan plan() {
        var random = new SplittableRandom(SEED);
        var requests = new ArrayList<PlannedRequest>();
        double at = 0;
        for (int i = 0; i < 800; i++) {
            at -= Math.log(1 - random.nextDouble()) / 8;
            int tokens = (int) Math.min(20_000, 4_000 * Math.exp(random.nextGaussian() * 0.8));
            requests.add(Plans.alone(0, at, i, tokens, random.nextInt(20, 100)));
        }
        return new Plan("prompts of many lengths", requests);
    }

    /** Returns the mean time to first token, once the speeds can be known. */
    private static double ttftSeconds(String policy) {
        var settings = new SimulationSettings(
                FLEET, SEED, 1, 1, 0, Double.POSITIVE_INFINITY, SimulationSettings.UNLIMITED, null, Map.of());
        return Plans.run(PLAN, settings, policy).outcomes().stream()
                .skip(150)
                .mapToDouble(RequestOutcome::ttftSeconds)
                .average()
                .orElseThrow();
    }

    @Test
    void whoLearnsSpeedsIsAheadOfWhoTakesAllForEqual() {
        double warm = ttftSeconds("warm");
        for (var policy : List.of("predicted-ttft", "reference", "lmetric")) {
            assertThat(warm).as("%s, seed %d", policy, SEED).isLessThan(ttftSeconds(policy));
        }
    }
}
