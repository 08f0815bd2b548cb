package dev.warmgate.twin.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scheduling in virtual time, step by step. */
class ReplicaEngineTest {
    private static final HardwareProfile QWEN = HardwareProfile.QWEN3_32B_TP2_H100;

    private final List<String> log = new ArrayList<>();
    private long ids;

    @Test
    void aRequestGetsItsTokensStepByStep() {
        var engine = new ReplicaEngine(QWEN);
        var request = submit(engine, Sequences.of(1, 103), 100, 1_000);
        assertThat(engine.nextEventAt()).isEqualTo(1_000);

        drain(engine);

        long prefill = QWEN.stepNanos(100, 100 * 50.0, 0, 1);
        assertThat(request.firstTokenAt()).isEqualTo(1_000 + prefill);
        assertThat(request.lastTokenAt())
                .isEqualTo(1_000 + prefill + QWEN.stepNanos(1, 0, 101, 1) + QWEN.stepNanos(1, 0, 102, 1));
        assertThat(log).containsExactly("0:1", "0:2", "0:3 end");
        assertThat(request.finished()).isTrue();
        assertThat(engine.blocksInUse()).isZero();
        var stats = engine.stats();
        assertThat(stats.promptTokens()).isEqualTo(100);
        assertThat(stats.generatedTokens()).isEqualTo(3);
        assertThat(stats.successes()).isEqualTo(1);
        assertThat(stats.steps()).isEqualTo(3);
    }

    @Test
    void aLongPromptIsPrefilledInChunksBehindTheDecodes() {
        var engine = new ReplicaEngine(QWEN);
        var first = submit(engine, Sequences.of(1, 120), 100, 0);
        engine.advance(0);
        long at = engine.nextEventAt();
        engine.advance(at - 1);
        var second = submit(engine, Sequences.of(2, 20_001), 20_000, at - 1);

        drain(engine);

        // Three steps: 8191, 8191 and 3618 tokens of the second prompt, each beside one token of the first request.
        long expected = at
                + QWEN.stepNanos(8192, 8191 * (8191 / 2.0), 101, 2)
                + QWEN.stepNanos(8192, 8191 * (8191 + 8191 / 2.0), 102, 2)
                + QWEN.stepNanos(3619, 3618 * (16_382 + 3618 / 2.0), 103, 2);
        assertThat(second.firstTokenAt()).isEqualTo(expected);
        assertThat(first.finished()).isTrue();
    }

    @Test
    void whatRequestsTookAddsUpToTheTimeOfTheSteps() {
        var engine = new ReplicaEngine(QWEN);
        var first = submit(engine, Sequences.of(1, 120), 100, 0);
        engine.advance(0);
        long at = engine.nextEventAt();
        engine.advance(at - 1);
        var second = submit(engine, Sequences.of(2, 20_001), 20_000, at - 1);

        drain(engine);

        assertThat(first.workSeconds() + second.workSeconds()).isCloseTo(first.lastTokenAt() * 1e-9, within(1e-9));
        assertThat(second.workSeconds())
                .as("nearly all of the steps it was in")
                .isCloseTo((second.firstTokenAt() - at) * 1e-9, within(0.002));
    }

    @Test
    void aPromptFindsTheBlocksOfTheOneBefore() {
        var engine = new ReplicaEngine(QWEN);
        submit(engine, Sequences.sharing(9, 640, 1, 1001), 1000, 0);
        drain(engine);
        long now = engine.stats().steps() * 1_000_000_000L;

        var second = submit(engine, Sequences.sharing(9, 640, 2, 1001), 1000, now);
        drain(engine);

        assertThat(second.cachedTokens()).isEqualTo(640);
        assertThat(second.firstTokenAt() - now).isEqualTo(QWEN.stepNanos(360, 360 * (640 + 180.0), 0, 1));
        assertThat(engine.stats().hitRatio()).isEqualTo(640.0 / 2000);
    }

    @Test
    void theLastPromptTokenIsAlwaysComputed() {
        var engine = new ReplicaEngine(QWEN);
        submit(engine, Sequences.of(1, 161), 160, 0);
        drain(engine);
        var again = submit(engine, Sequences.of(1, 161), 160, 1_000_000_000L);
        drain(engine);
        assertThat(again.cachedTokens()).isEqualTo(144);
    }

    @Test
    void blocksAreVisibleAsSoonAsTheyAreScheduled() {
        var engine = new ReplicaEngine(QWEN);
        submit(engine, Sequences.sharing(9, 640, 1, 1001), 1000, 0);
        var second = submit(engine, Sequences.sharing(9, 640, 2, 1001), 1000, 0);

        engine.advance(0);

        assertThat(second.cachedTokens()).isEqualTo(640);
        assertThat(engine.nextEventAt()).isEqualTo(QWEN.stepNanos(1360, 1000 * 500.0 + 360 * (640 + 180.0), 0, 2));
    }

    @Test
    void generatedTokensAreCachedToo() {
        var engine = new ReplicaEngine(QWEN);
        submit(engine, Sequences.of(1, 200), 100, 0);
        drain(engine);
        var next = submit(engine, Sequences.of(1, 301), 300, 10_000_000_000L);
        drain(engine);
        // 199 tokens have KV entries: the last generated one was never computed.
        assertThat(next.cachedTokens()).isEqualTo(192);
    }

    @Test
    void theOldestPrefixIsEvictedTailFirst() {
        var engine = new ReplicaEngine(QWEN.withLimits(40 * 16, 8192, 256));
        submit(engine, Sequences.of(1, 16 * 16), 16 * 16 - 1, 0);
        drain(engine);
        submit(engine, Sequences.of(2, 16 * 16), 16 * 16 - 1, 1_000_000_000L);
        drain(engine);
        // 8 blocks were never used: 12 more come from the first, its partial block and its tail down to block 4.
        submit(engine, Sequences.of(3, 20 * 16), 20 * 16 - 1, 2_000_000_000L);
        drain(engine);

        var second = submit(engine, Sequences.of(2, 16 * 16), 16 * 16 - 1, 3_000_000_000L);
        drain(engine);
        var first = submit(engine, Sequences.of(1, 16 * 16), 16 * 16 - 1, 4_000_000_000L);
        drain(engine);
        assertThat(second.cachedTokens()).isEqualTo(15 * 16);
        // The second found 15 blocks and took its partial one from the first.
        assertThat(first.cachedTokens()).isEqualTo(3 * 16);
    }

    @Test
    void waitingIsFirstComeFirstServedEvenIfALaterOneWouldFit() {
        var engine = new ReplicaEngine(QWEN.withLimits(64 * 16, 8192, 256));
        var running = submit(engine, Sequences.of(1, 40 * 16), 40 * 16 - 20, 0);
        engine.advance(0);
        var large = submit(engine, Sequences.of(2, 30 * 16), 30 * 16 - 1, 1);
        var small = submit(engine, Sequences.of(3, 32), 31, 2);

        engine.advance(engine.nextEventAt());
        assertThat(engine.stats().running()).isEqualTo(1);
        assertThat(engine.stats().waiting()).isEqualTo(2);
        drain(engine);

        assertThat(large.firstTokenAt()).isGreaterThan(running.lastTokenAt());
        assertThat(small.firstTokenAt()).isEqualTo(large.firstTokenAt());
    }

    @Test
    void noMoreSequencesRunThanAllowed() {
        var engine = new ReplicaEngine(QWEN.withLimits(16_000, 8192, 2));
        for (int i = 0; i < 5; i++) {
            submit(engine, Sequences.of(i, 40), 30, 0);
        }
        engine.advance(0);
        assertThat(engine.stats().running()).isEqualTo(2);
        assertThat(engine.stats().waiting()).isEqualTo(3);
        drain(engine);
        assertThat(engine.stats().successes()).isEqualTo(5);
    }

    @Test
    void lackOfBlocksPreemptsTheLastAdmittedAndItResumes() {
        var engine = new ReplicaEngine(QWEN.withLimits(20 * 16, 8192, 256));
        var first = submit(engine, Sequences.of(1, 16 * 16), 9 * 16, 0);
        var second = submit(engine, Sequences.of(2, 16 * 16), 9 * 16, 0);

        drain(engine);

        assertThat(engine.stats().preemptions()).isPositive();
        assertThat(first.lastTokenAt()).isLessThan(second.lastTokenAt());
        assertThat(first.finished() && second.finished()).isTrue();
        assertThat(second.generatedTokens()).isEqualTo(7 * 16);
        assertThat(engine.stats().generatedTokens()).isEqualTo(14 * 16);
        assertThat(engine.stats().successes()).isEqualTo(2);
        assertThat(engine.blocksInUse()).isZero();
    }

    @Test
    void anAbortFreesAtOnceAndKeepsWhatWasComputed() {
        var engine = new ReplicaEngine(QWEN);
        var request = submit(engine, Sequences.of(1, 20_100), 20_000, 0);
        engine.advance(0);
        long mid = engine.nextEventAt() / 2;

        assertThat(engine.abort(request, mid)).isTrue();
        assertThat(engine.abort(request, mid)).isFalse();

        assertThat(engine.blocksInUse()).isZero();
        assertThat(engine.stats().running()).isZero();
        assertThat(engine.stats().aborts()).isEqualTo(1);
        drain(engine);
        assertThat(log).isEmpty();
        var again = submit(engine, Sequences.of(1, 20_100), 20_000, 1_000_000_000L);
        drain(engine);
        assertThat(again.cachedTokens()).isEqualTo(8192);
    }

    @Test
    void aWaitingRequestCanBeAborted() {
        var engine = new ReplicaEngine(QWEN.withLimits(16_000, 8192, 1));
        submit(engine, Sequences.of(1, 40), 30, 0);
        var waiting = submit(engine, Sequences.of(2, 40), 30, 0);
        engine.advance(0);
        assertThat(engine.abort(waiting, 1)).isTrue();
        drain(engine);
        assertThat(engine.stats().successes()).isEqualTo(1);
        assertThat(engine.stats().aborts()).isEqualTo(1);
    }

    @Test
    void aListenerMaySubmitAndAbort() {
        var engine = new ReplicaEngine(QWEN);
        var bystander = new EngineRequest(1, Sequences.of(1, 200), 100, (_, _) -> {});
        var followUp = new EngineRequest(2, Sequences.of(2, 30), 20, (_, _) -> {});
        var trigger = new EngineRequest(3, Sequences.of(3, 30), 20, (request, at) -> {
            if (request.generatedTokens() == 2) {
                engine.abort(bystander, at);
                engine.abort(request, at);
                engine.submit(followUp, at);
            }
        });
        engine.submit(bystander, 0);
        engine.submit(trigger, 0);

        drain(engine);

        assertThat(followUp.finished()).isTrue();
        assertThat(bystander.generatedTokens()).isEqualTo(2);
        assertThat(trigger.generatedTokens()).isEqualTo(2);
        assertThat(engine.stats().aborts()).isEqualTo(2);
        assertThat(engine.blocksInUse()).isZero();
    }

    @Test
    void whatCannotFitIsRefused() {
        var engine = new ReplicaEngine(QWEN.withLimits(160, 8192, 8));
        assertThat(engine.fits(160)).isTrue();
        assertThat(engine.fits(161)).isFalse();
        assertThatThrownBy(() -> submit(engine, Sequences.of(1, 161), 100, 0)).hasMessageContaining("161 tokens");
    }

    private EngineRequest submit(ReplicaEngine engine, TokenBlocks sequence, int promptTokens, long at) {
        var request = new EngineRequest(
                ids++,
                sequence,
                promptTokens,
                (r, _) -> log.add(r.id() + ":" + r.generatedTokens() + (r.finished() ? " end" : "")));
        engine.submit(request, at);
        return request;
    }

    private static void drain(ReplicaEngine engine) {
        while (engine.nextEventAt() != ReplicaEngine.NEVER) {
            engine.advance(engine.nextEventAt());
        }
    }
}
