package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.RequestOutcome;

/**
 * When an answer is fast enough.
 *
 * @param ttftSeconds time to first token allowed to any request
 * @param ttftSecondsPerPromptToken allowed on top for each prompt token
 * @param tpotSeconds mean time between output tokens allowed
 */
public record LatencyTarget(double ttftSeconds, double ttftSecondsPerPromptToken, double tpotSeconds) {
    /** An interactive assistant's: 2 s and 0.2 ms per prompt token, then ten tokens a second. */
    public static final LatencyTarget INTERACTIVE = new LatencyTarget(2, 0.2e-3, 0.1);

    /** Returns whether a request completed within this target. */
    public boolean met(RequestOutcome outcome) {
        return outcome.completed()
                && outcome.ttftSeconds() >= 0
                && outcome.ttftSeconds() <= ttftSeconds + ttftSecondsPerPromptToken * outcome.promptTokens()
                && outcome.itlSeconds() <= tpotSeconds;
    }
}
