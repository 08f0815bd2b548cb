package dev.warmgate.router;

/**
 * Token counts as the engine reported them; -1 where it did not say.
 *
 * @param promptTokens all tokens of the prompt, cached ones included
 * @param cachedTokens prompt tokens that needed no prefill
 * @param outputTokens generated tokens
 */
public record Usage(int promptTokens, int cachedTokens, int outputTokens) {
    /** The engine said nothing. */
    public static final Usage UNKNOWN = new Usage(-1, -1, -1);
}
