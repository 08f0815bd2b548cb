package dev.warmgate.twin.workload;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one conversation or agent run: open loop at its start, closed loop inside.
 *
 * @param workload name of the workload it belongs to
 * @param tenant whose it is, or null if nobody says
 * @param startSeconds when its first turn is sent, in model seconds from the run's start
 * @param turns in order; not empty
 */
public record Session(String workload, @Nullable String tenant, double startSeconds, List<Turn> turns) {
    public Session {
        turns = List.copyOf(turns);
        if (turns.isEmpty()) {
            throw new IllegalArgumentException("turns: empty (expected: at least one)");
        }
        if (!(startSeconds >= 0)) {
            throw new IllegalArgumentException("startSeconds: " + startSeconds + " (expected: at least 0)");
        }
    }

    /** Creates a session of nobody in particular. */
    public Session(String workload, double startSeconds, List<Turn> turns) {
        this(workload, null, startSeconds, turns);
    }

    /** Returns this session, started {@code timeScale} times as late. */
    Session stretched(double timeScale) {
        return new Session(workload, tenant, startSeconds * timeScale, turns);
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
