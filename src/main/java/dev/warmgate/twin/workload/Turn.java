package dev.warmgate.twin.workload;

import java.util.List;

/**
 * One request of a session. Its prompt is everything said before, answers included, and then {@code input}.
 *
 * @param thinkSeconds pause between the end of the turn before and this one, in model seconds; 0 in a first turn
 * @param input what the client adds; not empty
 * @param outputTokens length of the answer asked for; at least 1
 */
public record Turn(double thinkSeconds, List<Message> input, int outputTokens) {
    public Turn {
        input = List.copyOf(input);
        if (input.isEmpty()) {
            throw new IllegalArgumentException("input: empty (expected: at least one message)");
        }
        if (!(thinkSeconds >= 0) || outputTokens < 1) {
            throw new IllegalArgumentException("thinkSeconds: " + thinkSeconds + ", outputTokens: " + outputTokens
                    + " (expected: at least 0 and at least 1)");
        }
    }

    /** Returns the length of the new input in tokens. */
    public int inputTokens() {
        int sum = 0;
        for (var message : input) {
            sum += message.tokens();
        }
        return sum;
    }
}
