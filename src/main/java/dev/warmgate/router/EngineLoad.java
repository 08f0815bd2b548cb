package dev.warmgate.router;

import static java.util.Objects.requireNonNull;

/**
 * What an engine last said about itself. Shown to people and open to policies; routing works without it, because it is
 * old when it arrives and may never arrive at all.
 *
 * @param nanoTime when it was read, on the router's clock
 * @param running requests being computed
 * @param waiting requests queued inside the engine
 * @param kvUsage share of KV blocks in use, 0..1, or NaN if the engine does not tell
 * @param kvCapacityTokens KV cache size in tokens, or -1 if unknown
 * @param promptTokens prompt tokens seen since the engine started, or -1 if unknown
 * @param cachedTokens of these, tokens served from cache, or -1 if unknown
 * @param adapters whose requests are there; {@link Adapters#UNKNOWN} if the engine does not tell
 */
public record EngineLoad(
        long nanoTime,
        int running,
        int waiting,
        double kvUsage,
        long kvCapacityTokens,
        long promptTokens,
        long cachedTokens,
        Adapters adapters) {
    public EngineLoad {
        requireNonNull(adapters, "adapters");
    }

    /** Creates what an engine says that does not tell its adapters. */
    public EngineLoad(
            long nanoTime,
            int running,
            int waiting,
            double kvUsage,
            long kvCapacityTokens,
            long promptTokens,
            long cachedTokens) {
        this(nanoTime, running, waiting, kvUsage, kvCapacityTokens, promptTokens, cachedTokens, Adapters.UNKNOWN);
    }
}
