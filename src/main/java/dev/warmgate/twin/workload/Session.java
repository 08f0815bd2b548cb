package dev.warmgate.twin.workload;

import dev.warmgate.router.admission.Standing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one conversation or agent run: open loop at its start, closed loop inside.
 *
 * @param workload name of the workload it belongs to
 * @param tenant whose it is, or null if nobody says
 * @param priority of each of its requests, -1000 to 1000; 0 where nobody says
 * @param startSeconds when its first turn is sent, in model seconds from the run's start
 * @param turns in order; not empty
 */
public record Session(String workload, @Nullable String tenant, int priority, double startSeconds, List<Turn> turns) {
    public Session {
        turns = List.copyOf(turns);
        Standing.requirePriority("priority", priority);
        if (turns.isEmpty()) {
            throw new IllegalArgumentException("turns: empty (expected: at least one)");
        }
        if (!(startSeconds >= 0)) {
            throw new IllegalArgumentException("startSeconds: " + startSeconds + " (expected: at least 0)");
        }
    }

    /** Creates a session of priority 0. */
    public Session(String workload, @Nullable String tenant, double startSeconds, List<Turn> turns) {
        this(workload, tenant, 0, startSeconds, turns);
    }

    /** Creates a session of nobody in particular. */
    public Session(String workload, double startSeconds, List<Turn> turns) {
        this(workload, null, startSeconds, turns);
    }

    /** Returns this session as another tenant's, with another priority. */
    public Session of(@Nullable String otherTenant, int otherPriority) {
        return new Session(workload, otherTenant, otherPriority, startSeconds, turns);
    }

    /** Returns this session with only its first {@code count} turns. */
    Session first(int count) {
        return new Session(workload, tenant, priority, startSeconds, turns.subList(0, count));
    }

    /** Returns this session, started {@code timeScale} times as late. */
    public Session stretched(double timeScale) {
        return new Session(workload, tenant, priority, startSeconds * timeScale, turns);
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
