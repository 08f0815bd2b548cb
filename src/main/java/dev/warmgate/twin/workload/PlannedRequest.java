package dev.warmgate.twin.workload;

import dev.warmgate.router.admission.Standing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of a {@link Plan}: when it is sent, what it says, and what will be answered.
 *
 * @param session the client's own name for the conversation, or null if it has none
 * @param tenant whose request it is, or null if nobody says
 * @param stage a stage begins when every request of the stage before has ended; from 0
 * @param atSeconds when it is sent, in model seconds from its stage's start; for one that follows another, when that would
 *     be if the fleet answered at {@link Plan.Pace#UNHURRIED}
 * @param after index of the request whose end starts this one, smaller than this one's own; -1 if the clock does
 * @param delaySeconds pause after that end
 * @param continues whether the prompt begins with the whole conversation of {@code after}, its answer included
 * @param input what the client adds; not empty
 * @param answer the content of the answer, as later prompts name it; at least one token
 * @param priority -1000 to 1000; higher goes first, below 0 may be shed; 0 where nobody says
 * @param deadlineSeconds how long after it is sent the whole answer is due; above 0, infinity if it is never too late
 */
public record PlannedRequest(
        @Nullable String session,
        @Nullable String tenant,
        int stage,
        double atSeconds,
        int after,
        double delaySeconds,
        boolean continues,
        List<Message> input,
        List<Text> answer,
        int priority,
        double deadlineSeconds) {
    /** The deadline of an answer that is never too late. */
    public static final double NO_DEADLINE = Standing.NONE;

    public PlannedRequest {
        input = List.copyOf(input);
        answer = List.copyOf(answer);
        if (input.isEmpty() || answer.isEmpty()) {
            throw new IllegalArgumentException("input: " + input.size() + ", answer: " + answer.size()
                    + " (expected: at least one message and one text)");
        }
        if (!(atSeconds >= 0) || !(delaySeconds >= 0) || stage < 0 || after < -1) {
            throw new IllegalArgumentException("atSeconds: " + atSeconds + ", delaySeconds: " + delaySeconds
                    + ", stage: " + stage + ", after: " + after + " (expected: at least 0, 0, 0 and -1)");
        }
        if (continues && after < 0) {
            throw new IllegalArgumentException("continues: true (expected: only for a request that follows another)");
        }
        Standing.requirePriority("priority", priority);
        if (!(deadlineSeconds > 0)) {
            throw new IllegalArgumentException("deadlineSeconds: " + deadlineSeconds + " (expected: above 0)");
        }
    }

    /** Creates a request of priority 0 without a deadline. */
    public PlannedRequest(
            @Nullable String session,
            @Nullable String tenant,
            int stage,
            double atSeconds,
            int after,
            double delaySeconds,
            boolean continues,
            List<Message> input,
            List<Text> answer) {
        this(session, tenant, stage, atSeconds, after, delaySeconds, continues, input, answer, 0, NO_DEADLINE);
    }

    /** Returns a request that the clock starts, {@code atSeconds} after the run. */
    static PlannedRequest alone(
            @Nullable String session,
            @Nullable String tenant,
            double atSeconds,
            List<Message> input,
            List<Text> answer) {
        return new PlannedRequest(session, tenant, 0, atSeconds, -1, 0, false, input, answer);
    }

    /** Returns the same request as one that follows another. */
    PlannedRequest following(int earlier) {
        return new PlannedRequest(
                session,
                tenant,
                stage,
                atSeconds,
                earlier,
                delaySeconds,
                continues,
                input,
                answer,
                priority,
                deadlineSeconds);
    }

    /** Returns the same request with another priority. */
    public PlannedRequest withPriority(int other) {
        return new PlannedRequest(
                session,
                tenant,
                stage,
                atSeconds,
                after,
                delaySeconds,
                continues,
                input,
                answer,
                other,
                deadlineSeconds);
    }

    /** Returns the same request, its whole answer due {@code seconds} after it is sent; {@link #NO_DEADLINE} for never. */
    public PlannedRequest withDeadline(double seconds) {
        return new PlannedRequest(
                session, tenant, stage, atSeconds, after, delaySeconds, continues, input, answer, priority, seconds);
    }

    /** Returns whether there is a time when the answer is too late. */
    public boolean hasDeadline() {
        return deadlineSeconds < NO_DEADLINE;
    }

    /** Returns the tokens of the client's own words in this turn. */
    public int inputTokens() {
        int sum = 0;
        for (var message : input) {
            sum += message.tokens();
        }
        return sum;
    }

    /** Returns the tokens of the answer. */
    public int outputTokens() {
        int sum = 0;
        for (var text : answer) {
            sum += text.tokens();
        }
        return sum;
    }
}
