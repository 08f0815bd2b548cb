package dev.warmgate.router;

/**
 * The outcome of routing one request.
 *
 * @param pool the pool's name
 * @param endpoint the chosen endpoint's name
 * @param policy the policy that chose
 * @param promptTokens estimated prompt tokens
 * @param cachedTokens of these, tokens the endpoint is believed to hold in its KV cache
 * @param costSeconds the predicted price of this placement, or NaN under a policy without prices
 */
public record Decision(
        String pool, String endpoint, String policy, int promptTokens, int cachedTokens, double costSeconds) {}
