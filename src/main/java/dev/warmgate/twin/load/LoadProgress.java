package dev.warmgate.twin.load;

/**
 * How far a run is.
 *
 * @param planned requests that the run will send in all
 * @param inFlight requests sent and not ended
 * @param completed requests whose whole answer came
 * @param failed requests that ended otherwise, those included that were refused or never sent
 * @param firstTokens requests whose first token came
 * @param meanTtftSeconds mean time to first token so far, in model seconds; 0 before the first
 * @param promptTokens prompt tokens of completed requests
 * @param cachedTokens those of them that came from a KV cache
 */
public record LoadProgress(
        int planned,
        int inFlight,
        int completed,
        int failed,
        int firstTokens,
        double meanTtftSeconds,
        long promptTokens,
        long cachedTokens) {
    /** Returns requests that ended, however. */
    public int ended() {
        return completed + failed;
    }

    /** Returns the share of prompt tokens served from a KV cache so far, 0 to 1. */
    public double hitRatio() {
        return promptTokens == 0 ? 0 : (double) cachedTokens / promptTokens;
    }
}
