package dev.warmgate.twin.simulation;

import dev.warmgate.twin.comparator.FleetView;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.engine.TokenBlocks;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The engines as comparators may see them during one decision. Confined to the simulation's thread. */
final class EngineView implements FleetView {
    private final List<ReplicaEngine> engines;
    private TokenBlocks sequence = new TokenBlocks(new long[0], 0);
    private int promptTokens;
    private final long[] booked;

    /** Per endpoint, the prompt blocks that are on their way into its cache. */
    private final List<Set<Long>> expected;

    EngineView(List<ReplicaEngine> engines) {
        this.engines = List.copyOf(engines);
        booked = new long[engines.size()];
        expected = engines.stream().<Set<Long>>map(_ -> new HashSet<>()).toList();
    }

    /** Turns to the request that is routed next. */
    void look(TokenBlocks newSequence, int newPromptTokens) {
        sequence = newSequence;
        promptTokens = newPromptTokens;
    }

    /**
     * Notes that the request just routed goes to an endpoint.
     *
     * @return what must be told when its first token comes
     */
    Placed placed(int slot) {
        int cached = cachedTokens(slot);
        var placed = new Placed(slot, sequence, cached, promptTokens);
        booked[slot] += promptTokens - cached;
        for (int i = placed.firstBlock(); i < placed.endBlock(); i++) {
            expected.get(slot).add(sequence.hash(i));
        }
        return placed;
    }

    /** Notes that the first token of a request came. */
    void started(Placed placed) {
        booked[placed.slot] -= placed.promptTokens - placed.cached;
        for (int i = placed.firstBlock(); i < placed.endBlock(); i++) {
            expected.get(placed.slot).remove(placed.sequence.hash(i));
        }
    }

    /** A request that an endpoint has not begun to answer, and how much of its prompt was cached when it was placed. */
    record Placed(int slot, TokenBlocks sequence, int cached, int promptTokens) {
        private int firstBlock() {
            return cached / TokenBlocks.BLOCK_TOKENS;
        }

        private int endBlock() {
            return promptTokens / TokenBlocks.BLOCK_TOKENS;
        }
    }

    @Override
    public int endpoints() {
        return engines.size();
    }

    @Override
    public int cachedTokens(int slot) {
        int cached = engines.get(slot).exactState().cachedTokens(sequence, promptTokens);
        var coming = expected.get(slot);
        while (cached + TokenBlocks.BLOCK_TOKENS < promptTokens
                && coming.contains(sequence.hash(cached / TokenBlocks.BLOCK_TOKENS))) {
            cached += TokenBlocks.BLOCK_TOKENS;
        }
        return cached;
    }

    @Override
    public long pendingPrefillTokens(int slot) {
        return engines.get(slot).exactState().pendingPrefillTokens();
    }

    @Override
    public long bookedPrefillTokens(int slot) {
        return booked[slot];
    }

    @Override
    public int usedTokens(int slot) {
        int used = engines.get(slot).exactState().usedTokens(sequence, promptTokens);
        var coming = expected.get(slot);
        while (used + TokenBlocks.BLOCK_TOKENS <= promptTokens
                && coming.contains(sequence.hash(used / TokenBlocks.BLOCK_TOKENS))) {
            used += TokenBlocks.BLOCK_TOKENS;
        }
        return used;
    }

    @Override
    public long tokensHeld(int slot) {
        return engines.get(slot).exactState().tokensHeld();
    }

    @Override
    public long kvTokens(int slot) {
        return engines.get(slot).profile().kvTokens();
    }

    @Override
    public int inFlight(int slot) {
        var stats = engines.get(slot).stats();
        return stats.running() + stats.waiting();
    }
}
