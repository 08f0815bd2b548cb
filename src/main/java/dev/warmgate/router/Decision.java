package dev.warmgate.router;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of routing one request.
 *
 * @param pool the pool's name
 * @param endpoint the chosen endpoint's name
 * @param policy the policy that chose
 * @param promptTokens estimated prompt tokens
 * @param cachedTokens of these, tokens the endpoint is believed to hold in its KV cache
 * @param costSeconds the predicted price of this placement, or NaN under a policy without prices
 * @param explanation how it came about, or null if the request did not ask
 */
public record Decision(
        String pool,
        String endpoint,
        String policy,
        int promptTokens,
        int cachedTokens,
        double costSeconds,
        @Nullable Explanation explanation) {
    /** Creates a decision that nobody asked to explain. */
    public Decision(
            String pool, String endpoint, String policy, int promptTokens, int cachedTokens, double costSeconds) {
        this(pool, endpoint, policy, promptTokens, cachedTokens, costSeconds, null);
    }
}
