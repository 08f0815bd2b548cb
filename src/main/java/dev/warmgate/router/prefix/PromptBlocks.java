package dev.warmgate.router.prefix;

/**
 * A prompt as chained block hashes. A block's hash covers everything before it, so two prompts that share block
 * <i>i</i> share all text up to its end; the last shared block can be found by bisection.
 *
 * <p>A block ends after a fixed number of bytes or with its message, whichever comes first, so the next turn of a short
 * conversation shares whole blocks with the turn before. Immutable; arrays are exact and must not be changed.
 */
public final class PromptBlocks {
    /** No prompt at all. */
    public static final PromptBlocks EMPTY = new PromptBlocks(new long[0], new int[0]);

    private final long[] hashes;
    private final int[] ends;

    /**
     * Creates blocks from their hashes and ends.
     *
     * @param hashes one chained hash per block
     * @param ends for each block, the estimated prompt tokens up to and including it; strictly increasing
     */
    public PromptBlocks(long[] hashes, int[] ends) {
        if (hashes.length != ends.length) {
            throw new IllegalArgumentException("ends: " + ends.length + " (expected: " + hashes.length + ")");
        }
        this.hashes = hashes;
        this.ends = ends;
    }

    /** Returns the number of blocks. */
    public int count() {
        return hashes.length;
    }

    /** Returns the chained hash of block {@code i}. */
    public long hash(int i) {
        return hashes[i];
    }

    /** Returns 32 bits of a block's hash, different for the prompts of each model. */
    int fingerprint(int i, long namespace) {
        return (int) (hashes[i] ^ namespace);
    }

    /** Returns the estimated tokens of the first {@code blocks} blocks; 0 for none. */
    public int tokens(int blocks) {
        return blocks == 0 ? 0 : ends[blocks - 1];
    }

    /** Returns the estimated tokens of the whole prompt. */
    public int tokens() {
        return tokens(hashes.length);
    }

    @Override
    public String toString() {
        return "PromptBlocks[" + hashes.length + " blocks, ~" + tokens() + " tokens]";
    }
}
