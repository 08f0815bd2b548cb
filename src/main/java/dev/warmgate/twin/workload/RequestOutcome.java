package dev.warmgate.twin.workload;

import org.jspecify.annotations.Nullable;

/**
 * What a client saw of one request. Times are model seconds.
 *
 * @param workload name of the workload it belongs to
 * @param tenant whose request it was, or null if nobody said
 * @param priority the request's
 * @param sentSeconds when the client decided to send it, from the run's start; if it was never sent, when that became clear
 * @param endSeconds when it ended, from the run's start
 * @param ttftSeconds from the request's last byte out to the first token in; -1 if none came
 * @param tpotSeconds mean time per output token after the first, (end − first token)/(tokens − 1); -1 with fewer than two tokens
 * @param promptTokens prompt length as the engine counted it; 0 if it did not say
 * @param cachedTokens prompt tokens that the engine took from its KV cache; -1 if nobody said
 * @param outputTokens answer length as the engine counted it
 * @param workSeconds what it took of its endpoint, steps shared with others by what each had of them; NaN if nobody said
 * @param endpoint number of the endpoint that served it, from 0; -1 if the client cannot know
 * @param measured whether it counts: requests of the warm-up do not
 * @param ending how it ended
 * @param failure short reason, one of a small set; null exactly if the answer is complete
 */
public record RequestOutcome(
        String workload,
        @Nullable String tenant,
        int priority,
        double sentSeconds,
        double endSeconds,
        double ttftSeconds,
        double tpotSeconds,
        int promptTokens,
        int cachedTokens,
        int outputTokens,
        double workSeconds,
        int endpoint,
        boolean measured,
        Ending ending,
        @Nullable String failure) {
    /** The failure of a request that was never sent. */
    public static final String NOT_SENT = "not-sent";

    /** How a request ends. */
    public enum Ending {
        /** The whole answer came. */
        COMPLETED,
        /** Something broke: the connection, the answer, the client's patience. */
        FAILED,
        /** It was turned away before any work was done for it: shed, expired in a queue, or nobody could take it. */
        REFUSED,
        /** It was never offered, because a request that its session depends on was refused. */
        NOT_SENT
    }

    public RequestOutcome {
        if ((ending == Ending.COMPLETED) != (failure == null)) {
            throw new IllegalArgumentException(
                    "failure: " + failure + " (expected: null for a complete answer only, not " + ending + ")");
        }
    }

    /** Returns the outcome of a request without an answer. */
    public static RequestOutcome unanswered(
            String workload,
            PlannedRequest request,
            double sentSeconds,
            double endSeconds,
            boolean measured,
            Ending ending,
            String failure) {
        return new RequestOutcome(
                workload,
                request.tenant(),
                request.priority(),
                sentSeconds,
                endSeconds,
                -1,
                -1,
                0,
                -1,
                0,
                Double.NaN,
                -1,
                measured,
                ending,
                failure);
    }

    /** Returns whether the whole answer came. */
    public boolean completed() {
        return ending == Ending.COMPLETED;
    }

    /** Returns whether the fleet was asked at all. */
    public boolean offered() {
        return ending != Ending.NOT_SENT;
    }

    /** Returns the same outcome as one that counts. */
    public RequestOutcome counted() {
        return new RequestOutcome(
                workload,
                tenant,
                priority,
                sentSeconds,
                endSeconds,
                ttftSeconds,
                tpotSeconds,
                promptTokens,
                cachedTokens,
                outputTokens,
                workSeconds,
                endpoint,
                true,
                ending,
                failure);
    }
}
