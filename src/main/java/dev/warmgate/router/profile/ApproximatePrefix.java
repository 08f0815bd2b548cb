package dev.warmgate.router.profile;

/**
 * How much of a prompt counts as held, in blocks: {@code approx-prefix-cache-producer}. What an endpoint holds is taken from
 * the pool's own prefix index, so that there is no capacity to set: it is the engine's.
 *
 * @param blockSizeTokens tokens of a block; at least 64 are taken
 * @param maxPrefixBlocksToMatch so many blocks are looked at; 0 for all; counts where {@code maxPrefixTokensToMatch} is 0
 * @param maxPrefixTokensToMatch so many tokens are looked at, in whole blocks; 0 for all
 */
public record ApproximatePrefix(int blockSizeTokens, int maxPrefixBlocksToMatch, int maxPrefixTokensToMatch) {
    public static final ApproximatePrefix DEFAULT = new ApproximatePrefix(16, 2048, 131_072);

    private static final int LEAST_BLOCK_TOKENS = 64;

    public ApproximatePrefix {
        Require.that(blockSizeTokens >= 0, "blockSizeTokens", blockSizeTokens, "at least 0");
        blockSizeTokens = Math.max(LEAST_BLOCK_TOKENS, blockSizeTokens);
        Require.that(maxPrefixBlocksToMatch >= 0, "maxPrefixBlocksToMatch", maxPrefixBlocksToMatch, "at least 0");
        Require.that(maxPrefixTokensToMatch >= 0, "maxPrefixTokensToMatch", maxPrefixTokensToMatch, "at least 0");
    }

    /** Returns as how many blocks a prompt counts; the last one may be cut short. */
    int blocks(int promptTokens) {
        int all = Math.ceilDiv(promptTokens, blockSizeTokens);
        if (maxPrefixTokensToMatch > 0) {
            return Math.min(all, maxPrefixTokensToMatch / blockSizeTokens);
        }
        return maxPrefixBlocksToMatch > 0 ? Math.min(all, maxPrefixBlocksToMatch) : all;
    }
}
