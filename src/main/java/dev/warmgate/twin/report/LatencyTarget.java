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

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the option and what is allowed
     */
    public LatencyTarget {
        check("slo-ttft", ttftSeconds);
        check("slo-ttft-per-token", ttftSecondsPerPromptToken);
        check("slo-tpot", tpotSeconds);
    }

    /** Returns the target in a sentence. */
    public String describe() {
        return "Within target: the first token within " + Format.digitsShort(ttftSeconds) + " s plus "
                + Format.digitsShort(ttftSecondsPerPromptToken * 1e3) + " ms per prompt token, then at most "
                + Format.digitsShort(tpotSeconds * 1e3) + " ms per output token on average.";
    }

    /** Returns the time to first token allowed to a prompt of so many tokens. */
    public double ttftSeconds(int promptTokens) {
        return ttftSeconds + ttftSecondsPerPromptToken * promptTokens;
    }

    /** Returns whether a request completed within this target. */
    public boolean met(RequestOutcome outcome) {
        return outcome.completed()
                && outcome.ttftSeconds() >= 0
                && outcome.ttftSeconds() <= ttftSeconds(outcome.promptTokens())
                && outcome.tpotSeconds() <= tpotSeconds;
    }

    private static void check(String name, double seconds) {
        if (!(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + ": " + seconds + " (expected: seconds, at least 0)");
        }
    }
}
