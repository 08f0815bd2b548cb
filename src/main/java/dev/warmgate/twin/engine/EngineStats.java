package dev.warmgate.twin.engine;

/**
 * What a replica has done since it started, and what it is doing; vLLM's metrics count the same things.
 *
 * @param running requests being computed
 * @param waiting requests queued
 * @param kvUsage share of KV blocks held by running requests, 0..1; blocks that are only cached count as free
 * @param promptTokens prompt tokens of requests whose first token came
 * @param queriedTokens prompt tokens looked up in the cache, once per request
 * @param cachedTokens of these, tokens found
 * @param generatedTokens tokens generated
 * @param preemptions times a running request was thrown out for lack of KV blocks
 * @param successes requests that generated all their tokens
 * @param aborts requests taken back by their caller
 * @param steps engine steps completed
 */
public record EngineStats(
        int running,
        int waiting,
        double kvUsage,
        long promptTokens,
        long queriedTokens,
        long cachedTokens,
        long generatedTokens,
        long preemptions,
        long successes,
        long aborts,
        long steps) {

    /** Nothing done yet. */
    public static final EngineStats NONE = new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns the share of prompt tokens served from the cache, 0..1; 0 before the first request. */
    public double hitRatio() {
        return queriedTokens == 0 ? 0 : (double) cachedTokens / queriedTokens;
    }
}
