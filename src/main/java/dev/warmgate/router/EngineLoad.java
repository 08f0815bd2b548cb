package dev.warmgate.router;

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
 */
public record EngineLoad(
        long nanoTime,
        int running,
        int waiting,
        double kvUsage,
        long kvCapacityTokens,
        long promptTokens,
        long cachedTokens) {}
