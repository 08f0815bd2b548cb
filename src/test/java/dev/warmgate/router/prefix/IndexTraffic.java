package dev.warmgate.router.prefix;

import java.util.Random;

/** Made-up prompts and short ways to send them, for tests of the index. */
abstract class IndexTraffic {
    static final int BLOCK_TOKENS = 64;

    /** What the last prompt that was looked for met. */
    final PrefixMatch match = new PrefixMatch();

    /** Looks a prompt up and returns what an endpoint holds of it. */
    final int cached(PrefixIndex index, int slot, PromptBlocks prompt) {
        index.find("m", prompt, 0, match);
        return match.cachedTokens(slot);
    }

    /** Sends a prompt and waits for an empty answer. */
    final void send(PrefixIndex index, int slot, PromptBlocks prompt) {
        index.released(prompt, slot, place(index, slot, prompt), 0);
    }

    final int place(PrefixIndex index, int slot, PromptBlocks prompt) {
        index.find("m", prompt, 0, match);
        return index.record(match, slot);
    }

    /** Lets an endpoint answer an empty prompt. */
    static void answer(PrefixIndex index, int slot, int tokens) {
        index.released(PromptBlocks.EMPTY, slot, Records.NONE, tokens);
    }

    static PromptBlocks randomPrompt(Random random, int branching, int length) {
        int[] path = new int[1 + random.nextInt(length)];
        for (int i = 0; i < path.length; i++) {
            path[i] = random.nextInt(i < 3 ? 2 : branching);
        }
        return prompt(path);
    }

    /** A prompt whose i-th block is named by the i-th number. */
    static PromptBlocks prompt(int... path) {
        long[] hashes = new long[path.length];
        int[] ends = new int[path.length];
        long chain = 42;
        for (int i = 0; i < path.length; i++) {
            chain = XxHash64.mix(chain * 31 + path[i] + 0x5851F42DL);
            hashes[i] = chain;
            ends[i] = (i + 1) * BLOCK_TOKENS;
        }
        return new PromptBlocks(hashes, ends);
    }
}
