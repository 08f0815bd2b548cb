package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * One request of a trace that Mooncake published.
 *
 * @param timestampMillis when it arrived, from the trace's start
 * @param inputTokens length of the prompt
 * @param outputTokens length of the answer
 * @param blocks ids of the prompt's blocks of {@link #BLOCK_TOKENS} tokens, the last one partly filled; equal ids are equal
 *     text
 */
public record TraceRequest(long timestampMillis, int inputTokens, int outputTokens, List<Integer> blocks) {
    /** Tokens of one block. */
    public static final int BLOCK_TOKENS = 512;

    public TraceRequest {
        blocks = List.copyOf(blocks);
        if (blocks.size() != Math.ceilDiv(inputTokens, BLOCK_TOKENS)) {
            throw new IllegalArgumentException("blocks: " + blocks.size() + " of them (expected: "
                    + Math.ceilDiv(inputTokens, BLOCK_TOKENS) + " for " + inputTokens + " tokens)");
        }
    }

    /** Returns the prompt; block <i>i</i> is the text of stream {@code firstStream} + <i>i</i>. */
    Message message(long firstStream) {
        var parts = new ArrayList<Text>(blocks.size());
        int left = inputTokens;
        for (int block : blocks) {
            parts.add(new Text(firstStream + block, Math.min(left, BLOCK_TOKENS)));
            left -= BLOCK_TOKENS;
        }
        return new Message(Role.USER, parts);
    }
}
