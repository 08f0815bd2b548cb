package dev.warmgate.twin.report;

/**
 * One endpoint at one moment.
 *
 * @param inFlight requests there, waiting or running
 * @param waiting requests that wait for the engine to admit them
 * @param kvUse share of the KV cache held by running requests, 0 to 1
 * @param promptTokens prompt tokens of all requests admitted so far
 * @param cachedTokens those of them that came from the KV cache
 */
public record EndpointSample(int inFlight, int waiting, double kvUse, long promptTokens, long cachedTokens) {
    /** Returns the share of prompt tokens served from the KV cache so far, 0 to 1. */
    public double hitRatio() {
        return promptTokens == 0 ? 0 : (double) cachedTokens / promptTokens;
    }
}
