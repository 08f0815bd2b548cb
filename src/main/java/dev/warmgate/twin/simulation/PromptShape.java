package dev.warmgate.twin.simulation;

import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.prefix.PromptHasher;
import dev.warmgate.router.prefix.XxHash64;
import dev.warmgate.twin.engine.TokenBlocks;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.Text;
import java.util.Arrays;

/**
 * Names the blocks of planned prompts without spelling their text out: what the router would hash, and what the engine
 * would.
 *
 * <p>A block is named by the texts it covers and where in them, so equal names mean equal words. Sizes and cuts are those
 * of {@link PromptHasher} (blocks of 64 tokens, ended early by the end of a message) and of the engine (16 tokens, no
 * other cuts). Confined to one thread, reused.
 */
final class PromptShape {
    private static final int ROUTER_BLOCK = PromptHasher.BLOCK_BYTES / PromptHasher.BYTES_PER_TOKEN;

    private final Chain engine = new Chain(TokenBlocks.BLOCK_TOKENS);
    private final Chain router = new Chain(ROUTER_BLOCK);
    private PromptBlocks prompt = PromptBlocks.EMPTY;

    /** Reads a request's whole prompt and its answer. */
    void read(Plan plan, int request) {
        engine.clear();
        router.clear();
        conversation(plan, request);
        prompt = new PromptBlocks(Arrays.copyOf(router.hashes, router.count), Arrays.copyOf(router.ends, router.count));
        for (var text : plan.requests().get(request).answer()) {
            engine.add(text);
        }
    }

    /** Returns the prompt as the router sees it. */
    PromptBlocks prompt() {
        return prompt;
    }

    /** Returns prompt and answer as the engine sees them. */
    TokenBlocks sequence() {
        return new TokenBlocks(Arrays.copyOf(engine.hashes, engine.tokens / TokenBlocks.BLOCK_TOKENS), engine.tokens);
    }

    private void conversation(Plan plan, int index) {
        var request = plan.requests().get(index);
        if (request.continues()) {
            conversation(plan, request.after());
            for (var text : plan.requests().get(request.after()).answer()) {
                engine.add(text);
                router.add(text);
            }
            router.cut();
        }
        for (var message : request.input()) {
            for (var text : message.parts()) {
                engine.add(text);
                router.add(text);
            }
            router.cut();
        }
    }

    /** Blocks of one size. */
    private static final class Chain {
        private final int blockTokens;
        long[] hashes = new long[1024];
        int[] ends = new int[1024];
        int count;
        int tokens;
        private int filled;
        private long hash;

        Chain(int blockTokens) {
            this.blockTokens = blockTokens;
        }

        void clear() {
            count = 0;
            tokens = 0;
            filled = 0;
            hash = 0;
        }

        void add(Text text) {
            long name = XxHash64.mix(text.stream() ^ 0x9E3779B97F4A7C15L);
            int at = 0;
            while (at < text.tokens()) {
                int n = Math.min(blockTokens - filled, text.tokens() - at);
                hash = XxHash64.mix(hash * 31 + name + ((long) at << 8) + n);
                at += n;
                filled += n;
                tokens += n;
                if (filled == blockTokens) {
                    cut();
                }
            }
        }

        void cut() {
            if (filled == 0) {
                return;
            }
            if (count == hashes.length) {
                hashes = Arrays.copyOf(hashes, count * 2);
                ends = Arrays.copyOf(ends, count * 2);
            }
            hashes[count] = hash;
            ends[count++] = tokens;
            filled = 0;
        }
    }
}
