package dev.warmgate.twin.engine;

import dev.warmgate.router.prefix.XxHash64;

/** Token sequences made up for tests. */
final class Sequences {
    private Sequences() {}

    /** Returns {@code tokens} tokens that share nothing with the sequences of other seeds. */
    static TokenBlocks of(long seed, int tokens) {
        return sharing(seed, 0, seed, tokens);
    }

    /** Returns {@code tokens} tokens; the blocks within the first {@code shared} tokens depend on {@code prefix} alone. */
    static TokenBlocks sharing(long prefix, int shared, long seed, int tokens) {
        var hashes = new long[tokens / TokenBlocks.BLOCK_TOKENS];
        for (int i = 0; i < hashes.length; i++) {
            boolean common = (i + 1) * TokenBlocks.BLOCK_TOKENS <= shared;
            hashes[i] = XxHash64.mix(XxHash64.mix(common ? prefix : seed + 1_000_003) + i);
        }
        return new TokenBlocks(hashes, tokens);
    }
}
