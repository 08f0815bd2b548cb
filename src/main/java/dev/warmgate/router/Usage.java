package dev.warmgate.router;

/**
 * Token counts, as the engine reported them or as estimated; -1 where nothing is known.
 *
 * @param promptTokens all tokens of the prompt, cached ones included
 * @param cachedTokens prompt tokens that needed no prefill
 * @param outputTokens generated tokens
 * @param estimated whether some of it was not counted by the engine but follows from the request and from what passed
 */
public record Usage(int promptTokens, int cachedTokens, int outputTokens, boolean estimated) {
    /** The engine said nothing. */
    public static final Usage UNKNOWN = new Usage(-1, -1, -1);

    /** Creates counts of the engine's. */
    public Usage(int promptTokens, int cachedTokens, int outputTokens) {
        this(promptTokens, cachedTokens, outputTokens, false);
    }

    /** Returns counts that are not all the engine's. */
    public static Usage estimated(int promptTokens, int cachedTokens, int outputTokens) {
        return new Usage(promptTokens, cachedTokens, outputTokens, true);
    }
}
