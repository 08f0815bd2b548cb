package dev.warmgate.twin.workload;

import java.util.List;

/**
 * The turns of one conversation or agent run: open loop at its start, closed loop inside.
 *
 * @param workload name of the workload it belongs to
 * @param startSeconds when its first turn is sent, in model seconds from the run's start
 * @param turns in order; not empty
 */
public record Session(String workload, double startSeconds, List<Turn> turns) {
    public Session {
        turns = List.copyOf(turns);
        if (turns.isEmpty()) {
            throw new IllegalArgumentException("turns: empty (expected: at least one)");
        }
        if (!(startSeconds >= 0)) {
            throw new IllegalArgumentException("startSeconds: " + startSeconds + " (expected: at least 0)");
        }
    }

    /** Returns the prompt's length in tokens at turn {@code turn}, if every answer has the length asked for. */
    public int promptTokens(int turn) {
        int sum = 0;
        for (int i = 0; i <= turn; i++) {
            sum += turns.get(i).inputTokens();
            if (i < turn) {
                sum += turns.get(i).outputTokens();
            }
        }
        return sum;
    }
}
