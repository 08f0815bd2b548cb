package dev.warmgate.router.quota;

/**
 * What a model's tokens cost, in the currency of the price list per million tokens.
 *
 * @param input for prompt tokens that had to be computed; 0 to {@link #MOST}
 * @param cached for prompt tokens that were in a cache; 0 to {@link #MOST}
 * @param output for generated tokens; 0 to {@link #MOST}
 */
public record TokenPrice(double input, double cached, double output) {
    /** The highest price per million tokens. */
    public static final double MOST = 100_000;

    /** Nothing costs anything. */
    public static final TokenPrice FREE = new TokenPrice(0, 0, 0);

    private static final double MILLION = 1e6;

    public TokenPrice {
        require("input", input);
        require("cached", cached);
        require("output", output);
    }

    /** Returns the price of a request, in the currency of the price list. */
    public double of(long promptTokens, long cachedTokens, long outputTokens) {
        return ((promptTokens - cachedTokens) * input + cachedTokens * cached + outputTokens * output) / MILLION;
    }

    private static void require(String name, double price) {
        if (!(price >= 0 && price <= MOST)) {
            throw new IllegalArgumentException(
                    name + ": " + QuotaKind.plain(price) + " (expected: 0 to " + QuotaKind.plain(MOST) + ")");
        }
    }
}
