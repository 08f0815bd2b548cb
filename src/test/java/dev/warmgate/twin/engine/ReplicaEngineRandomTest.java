package dev.warmgate.twin.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.prefix.XxHash64;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What must hold whatever arrives: seeded random load with aborts on small, crowded replicas. */
class ReplicaEngineRandomTest {
    @Test
    void everyRequestEndsOnceAndAllBlocksComeBack() {
        for (long seed = 0; seed < 60; seed++) {
            new Run(seed).check();
        }
    }

    @Test
    void equalSeedsGiveEqualRuns() {
        for (long seed = 100; seed < 110; seed++) {
            assertThat(new Run(seed).check()).as("seed " + seed).isEqualTo(new Run(seed).check());
        }
    }

    private static final class Run {
        private final long seed;
        private final Random random;
        private final HardwareProfile profile;
        private final ReplicaEngine engine;
        private final List<EngineRequest> requests = new ArrayList<>();
        private int ended;
        private long checksum;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
            profile = HardwareProfile.LLAMA_3_1_8B_H100.withLimits(
                    (64 + random.nextInt(200)) * 16, 64 + random.nextInt(500), 1 + random.nextInt(40));
            engine = new ReplicaEngine(profile);
        }

        /** Returns a checksum of every token's time. */
        long check() {
            long at = 0;
            for (int i = 0; i < 300; i++) {
                at += random.nextInt(60) * 1_000_000L;
                submit(i, at);
                if (random.nextInt(8) == 0) {
                    engine.abort(requests.get(random.nextInt(requests.size())), at);
                }
                if (random.nextBoolean()) {
                    engine.advance(at);
                }
                checkLimits();
            }
            while (engine.nextEventAt() != ReplicaEngine.NEVER) {
                engine.advance(engine.nextEventAt());
                checkLimits();
            }
            var stats = engine.stats();
            assertThat(engine.blocksInUse()).as(context()).isZero();
            assertThat(stats.running() + stats.waiting()).as(context()).isZero();
            assertThat(stats.kvUsage()).as(context()).isZero();
            assertThat(stats.successes()).as(context()).isEqualTo(ended);
            assertThat(stats.successes() + stats.aborts()).as(context()).isEqualTo(requests.size());
            assertThat(stats.generatedTokens())
                    .as(context())
                    .isEqualTo(requests.stream()
                            .mapToLong(EngineRequest::generatedTokens)
                            .sum());
            assertThat(requests)
                    .as(context())
                    .allSatisfy(request -> assertThat(request.active()).isFalse());
            return checksum;
        }

        private void submit(int i, long at) {
            int prompt = 1 + random.nextInt(600);
            int output = 1 + random.nextInt(120);
            int shared = random.nextInt(prompt);
            var sequence = Sequences.sharing(random.nextInt(5), shared, i, prompt + output);
            var request = new EngineRequest(i, sequence, prompt, this::onToken);
            engine.submit(request, at);
            requests.add(request);
        }

        private void onToken(EngineRequest request, long at) {
            assertThat(request.generatedTokens()).as(context()).isLessThanOrEqualTo(request.outputTokens());
            assertThat(request.state).as(context()).isNotEqualTo(EngineRequest.State.ABORTED);
            checksum = XxHash64.mix(checksum ^ at + request.id());
            if (request.finished()) {
                ended++;
            }
        }

        private void checkLimits() {
            assertThat(engine.blocksInUse()).as(context()).isBetween(0, profile.kvBlocks());
            assertThat(engine.stats().running()).as(context()).isLessThanOrEqualTo(profile.maxSequences());
        }

        private String context() {
            return "seed " + seed;
        }
    }
}
