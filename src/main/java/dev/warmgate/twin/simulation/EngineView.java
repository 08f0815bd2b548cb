package dev.warmgate.twin.simulation;

import dev.warmgate.twin.comparator.FleetView;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.engine.TokenBlocks;
import java.util.List;

/** The engines as comparators may see them during one decision. Confined to the simulation's thread. */
final class EngineView implements FleetView {
    private final List<ReplicaEngine> engines;
    private TokenBlocks sequence = new TokenBlocks(new long[0], 0);
    private int promptTokens;

    EngineView(List<ReplicaEngine> engines) {
        this.engines = List.copyOf(engines);
    }

    /** Turns to the request that is routed next. */
    void look(TokenBlocks newSequence, int newPromptTokens) {
        sequence = newSequence;
        promptTokens = newPromptTokens;
    }

    @Override
    public int endpoints() {
        return engines.size();
    }

    @Override
    public int cachedTokens(int slot) {
        return engines.get(slot).cachedTokens(sequence, promptTokens);
    }

    @Override
    public long pendingPrefillTokens(int slot) {
        return engines.get(slot).pendingPrefillTokens();
    }

    @Override
    public long tokensHeld(int slot) {
        return engines.get(slot).tokensHeld();
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
