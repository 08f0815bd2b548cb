package dev.warmgate.twin.workload;

import org.jspecify.annotations.Nullable;

/**
 * What a client saw of one request. Times are model seconds.
 *
 * @param workload name of the workload it belongs to
 * @param sentSeconds when the client decided to send it, from the run's start
 * @param endSeconds when it ended, from the run's start
 * @param ttftSeconds from the request's last byte out to the first token in; -1 if none came
 * @param tpotSeconds mean time per output token after the first, (end − first token)/(tokens − 1); -1 with fewer than two tokens
 * @param promptTokens prompt length as the engine counted it; 0 if it did not say
 * @param cachedTokens prompt tokens that the engine took from its KV cache
 * @param outputTokens answer length as the engine counted it
 * @param endpoint number of the endpoint that served it, from 0; -1 if the client cannot know
 * @param measured whether it counts: requests of the warm-up do not
 * @param failure short reason, one of a small set; null if the answer is complete
 */
public record RequestOutcome(
        String workload,
        double sentSeconds,
        double endSeconds,
        double ttftSeconds,
        double tpotSeconds,
        int promptTokens,
        int cachedTokens,
        int outputTokens,
        int endpoint,
        boolean measured,
        @Nullable String failure) {
    /** Returns whether the whole answer came. */
    public boolean completed() {
        return failure == null;
    }
}
