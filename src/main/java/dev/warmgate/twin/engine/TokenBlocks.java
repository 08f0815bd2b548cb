package dev.warmgate.twin.engine;

import java.util.Arrays;

/**
 * A token sequence as the KV cache sees it: one chained hash per full block, and the total number of tokens.
 *
 * <p>The hash of block <i>i</i> covers all tokens up to its end, so two sequences share their first <i>n</i> blocks
 * exactly when their first <i>n</i> hashes are equal. Immutable; the array must not be changed.
 */
public final class TokenBlocks {
    /** Tokens in a KV block, vLLM's default. */
    public static final int BLOCK_TOKENS = 16;

    private final long[] hashes;
    private final int tokens;

    /**
     * Creates a sequence.
     *
     * @param hashes chained hashes of the full blocks: {@code tokens / 16} of them
     * @param tokens all tokens, those of the last partial block included
     */
    public TokenBlocks(long[] hashes, int tokens) {
        if (tokens < 0 || hashes.length != tokens / BLOCK_TOKENS) {
            throw new IllegalArgumentException(
                    "hashes: " + hashes.length + " (expected: one per full block of " + tokens + " tokens)");
        }
        this.hashes = hashes;
        this.tokens = tokens;
    }

    /** Returns the number of tokens. */
    public int tokens() {
        return tokens;
    }

    /** Returns the number of full blocks. */
    public int blocks() {
        return hashes.length;
    }

    /** Returns the chained hash of full block {@code i}. */
    public long hash(int i) {
        return hashes[i];
    }

    /** Returns the blocks that {@code tokens} tokens occupy, the last partial one included. */
    public static int blocksFor(int tokens) {
        return (tokens + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenBlocks that && tokens == that.tokens && Arrays.equals(hashes, that.hashes);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(hashes) + tokens;
    }

    @Override
    public String toString() {
        return "TokenBlocks[" + tokens + " tokens]";
    }
}
