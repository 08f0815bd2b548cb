package dev.warmgate.telemetry;

/**
 * Token counts of one endpoint since start, over the requests for which its engine reported prompt and cached tokens.
 *
 * @param requests all requests that ended there, with or without a report
 * @param promptTokens reported prompt tokens
 * @param cachedTokens of these, reported as served from cache
 * @param predictedPromptTokens what we took the same prompts for
 * @param predictedCachedTokens of these, believed to be in the endpoint's cache when it was chosen
 */
public record EndpointTotals(
        long requests, long promptTokens, long cachedTokens, long predictedPromptTokens, long predictedCachedTokens) {
    /** Returns the share of prompt tokens that the engine served from cache, 0..1, or NaN before any report. */
    public double hitShare() {
        return promptTokens == 0 ? Double.NaN : (double) cachedTokens / promptTokens;
    }

    /** Returns the share that we predicted, 0..1, or NaN before any report. */
    public double predictedHitShare() {
        return predictedPromptTokens == 0 ? Double.NaN : (double) predictedCachedTokens / predictedPromptTokens;
    }
}
