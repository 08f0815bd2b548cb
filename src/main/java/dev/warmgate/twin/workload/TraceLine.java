package dev.warmgate.twin.workload;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a trace file, checked.
 *
 * @param number of the line in the file, from 0; empty lines count
 * @param timestampMillis when it is sent, from the trace's start; 0 for a line that follows another
 * @param inputTokens length of the prompt
 * @param outputTokens length of the answer
 * @param blocks ids of the prompt's blocks, the last one perhaps partly filled
 * @param outputBlocks ids of the blocks that the answer completes, or null if nobody names them
 * @param session the client's own name for the conversation
 * @param tenant whose it is
 * @param after number of the line whose end starts this one; -1 if the clock does
 * @param delayMillis pause after that end
 * @param priority -1000 to 1000; 0 if nobody says
 * @param deadlineMillis how long after it is sent the answer is due; above 0, infinity if nobody says
 */
record TraceLine(
        int number,
        double timestampMillis,
        int inputTokens,
        int outputTokens,
        List<Long> blocks,
        @Nullable List<Long> outputBlocks,
        @Nullable String session,
        @Nullable String tenant,
        int after,
        double delayMillis,
        int priority,
        double deadlineMillis) {
    TraceLine {
        blocks = List.copyOf(blocks);
        outputBlocks = outputBlocks == null ? null : List.copyOf(outputBlocks);
    }

    /** Creates a line of priority 0 without a deadline. */
    TraceLine(
            int number,
            double timestampMillis,
            int inputTokens,
            int outputTokens,
            List<Long> blocks,
            @Nullable List<Long> outputBlocks,
            @Nullable String session,
            @Nullable String tenant,
            int after,
            double delayMillis) {
        this(
                number,
                timestampMillis,
                inputTokens,
                outputTokens,
                blocks,
                outputBlocks,
                session,
                tenant,
                after,
                delayMillis,
                0,
                Double.POSITIVE_INFINITY);
    }

    /** Returns how many tokens the last block of the prompt holds; 0 if it is full. */
    int partTokens(int blockTokens) {
        return inputTokens % blockTokens;
    }
}
