package dev.warmgate.twin.workload;

import java.util.List;

/**
 * One line of a trace.
 *
 * @param timestampMillis when it arrived, from the trace's start
 * @param inputTokens length of the prompt
 * @param outputTokens length of the answer
 * @param blocks ids of the prompt's blocks of {@link TraceReader#BLOCK_TOKENS} tokens, the last one partly filled; equal
 *     ids are equal text
 */
public record TraceRequest(long timestampMillis, int inputTokens, int outputTokens, List<Integer> blocks) {
    public TraceRequest {
        blocks = List.copyOf(blocks);
    }
}
