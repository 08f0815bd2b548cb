package dev.warmgate.twin.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExactStateTest {
    /** 62 whole blocks of 16 tokens and 8 tokens more. */
    private static final int PROMPT = 1000;

    private static final int WHOLE_BLOCKS = 992;

    private final TokenBlocks sequence = Sequences.sharing(9, WHOLE_BLOCKS, 1, PROMPT + 1);

    @Test
    void followsARequestFromTheQueueToTheCache() {
        var engine = new ReplicaEngine(HardwareProfile.QWEN3_32B_TP2_H100);
        var state = engine.exactState();
        assertState(state, 0, 0, 0, 0);

        engine.submit(new EngineRequest(1, sequence, PROMPT, (_, _) -> {}), 0);
        assertState(state, 0, 0, PROMPT, PROMPT);

        engine.advance(0);
        assertThat(engine.stats().running()).isEqualTo(1);
        assertState(state, WHOLE_BLOCKS, WHOLE_BLOCKS, PROMPT, WHOLE_BLOCKS + TokenBlocks.BLOCK_TOKENS);

        engine.advance(engine.nextEventAt());
        assertThat(engine.nextEventAt()).isEqualTo(ReplicaEngine.NEVER);
        assertState(state, WHOLE_BLOCKS, 0, 0, 0);

        engine.forgetCache();
        assertState(state, 0, 0, 0, 0);
    }

    @Test
    void aWaitingRequestNeedsRoomOnlyForWhatNobodyHolds() {
        var engine = new ReplicaEngine(HardwareProfile.QWEN3_32B_TP2_H100);
        engine.submit(new EngineRequest(1, sequence, PROMPT, (_, _) -> {}), 0);
        engine.advance(0);
        long held = engine.exactState().tokensHeld();

        var longer = Sequences.sharing(9, WHOLE_BLOCKS, 2, 2 * PROMPT + 1);
        engine.submit(new EngineRequest(2, longer, 2 * PROMPT, (_, _) -> {}), 1);

        assertThat(engine.exactState().tokensHeld()).isEqualTo(held + 2 * PROMPT - WHOLE_BLOCKS);
        assertThat(engine.exactState().pendingPrefillTokens()).isEqualTo(PROMPT + 2 * PROMPT - WHOLE_BLOCKS);
    }

    @Test
    void aSharedCacheHoldsWhatAnyReplicaComputed() {
        var shared = new SharedCache();
        var one = new ReplicaEngine(HardwareProfile.QWEN3_32B_TP2_H100, shared);
        var other = new ReplicaEngine(HardwareProfile.QWEN3_32B_TP2_H100, shared);
        one.submit(new EngineRequest(1, sequence, PROMPT, (_, _) -> {}), 0);
        one.advance(0);

        assertThat(other.exactState().cachedTokens(sequence, PROMPT)).isEqualTo(WHOLE_BLOCKS);
        assertThat(other.exactState().usedTokens(sequence, PROMPT)).isZero();
    }

    private void assertState(ExactState state, int cached, int used, long pending, long held) {
        assertThat(state.cachedTokens(sequence, PROMPT)).as("cached").isEqualTo(cached);
        assertThat(state.usedTokens(sequence, PROMPT)).as("used").isEqualTo(used);
        assertThat(state.pendingPrefillTokens()).as("pending").isEqualTo(pending);
        assertThat(state.tokensHeld()).as("held").isEqualTo(held);
    }
}
