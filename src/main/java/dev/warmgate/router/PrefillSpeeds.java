package dev.warmgate.router;

import java.util.Arrays;

/**
 * How fast the endpoints of one pool prefill, learned from their answers.
 *
 * <p>Owned by the pool's lock; what is learned is published through {@link Endpoint#prefillSecondsPerToken()}.
 */
public final class PrefillSpeeds {
    /*
     * Prefilling U of n prompt tokens counts as U·(1 + κ·(n − U/2)) tokens: each costs its own arithmetic and attention
     * over what is before it. An endpoint's speed is the time for one such token:
     *
     *   s = lower quartile of  TTFT / (U·(1 + κ·(n − U/2)) + overhead)  over the last 32 requests that tell something
     *
     * A request tells something if nobody was prefilling at the endpoint when it was placed, at least 2,000 tokens had to
     * be computed, and its tokens came one by one. What is left only makes requests slower: others that join its batch,
     * decodes, waiting for KV memory; hence the lower quartile, and not the mean. U is known when the engine has said how
     * much was cached, at the end of the answer; of an engine that does not say, only prompts count about which the index
     * has no doubt.
     *
     * The overhead is the step that runs when the request arrives and the floor of a step's time, reading the weights.
     * It is counted in tokens, because both shrink with faster hardware: on the profiles of the twin, reading the weights
     * and scheduling take as long as 320 to 360 tokens.
     *
     * O(32) per request that tells something, nothing otherwise; 256 bytes an endpoint.
     */

    /** Prefill time per token while nobody has told: a 32B model on two 80 GB GPUs. */
    static final double DEFAULT_SECONDS_PER_TOKEN = 52.5e-6;

    /** κ: by how much each token before it makes a token dearer; 3e-5 to 5e-5 for models of 8B to 70B. */
    private static final double ATTENTION = 5e-5;

    private static final double OVERHEAD_TOKENS = 400;

    /** Effective tokens below which the overhead says more than the speed. */
    private static final double LEAST_TOKENS = 2_000;

    private static final int REMEMBERED = 32;

    /** Fewer say nothing about the endpoint yet. */
    private static final int NEEDED = 4;

    /** Answers that came faster were not streamed: their first token came with the last. */
    private static final double LEAST_SECONDS_PER_OUTPUT_TOKEN = 50e-6;

    /** The same for an answer of unknown length, in seconds from its first to its last byte. */
    private static final double LEAST_STREAM_SECONDS = 10e-3;

    /** What is remembered of one endpoint. */
    static final class Log {
        /** In seconds per token: a ring. */
        private final double[] observed = new double[REMEMBERED];

        /** How many observations there were. */
        private long count;

        private boolean knows() {
            return count >= NEEDED;
        }
    }

    private final Roster roster;
    private final double[] sorted = new double[REMEMBERED];

    PrefillSpeeds(Roster roster) {
        this.roster = roster;
    }

    /** Hears of an endpoint that is new: it is as fast as the others until it is known. */
    void came(Endpoint endpoint) {
        double median = median();
        if (!Double.isNaN(median)) {
            endpoint.prefillSecondsPerToken(median);
        }
    }

    /**
     * Returns as how many tokens without attention the prefill of a prompt counts.
     *
     * @param promptTokens n, all tokens of the prompt
     * @param uncachedTokens U, those to compute
     */
    public static double effectiveTokens(double promptTokens, double uncachedTokens) {
        return uncachedTokens * (1 + ATTENTION * (promptTokens - uncachedTokens / 2));
    }

    /**
     * Hears that a request ended whose endpoint was prefilling nothing else when it was placed.
     *
     * @param promptTokens tokens of the prompt, by the router's count
     * @param cachedTokens of these, believed to be cached, or -1 if the belief is in doubt
     * @param usage what the engine counted
     * @param ttftNanos from placing the request to its first token
     * @param restNanos from then to its end
     */
    void ended(Endpoint endpoint, int promptTokens, int cachedTokens, Usage usage, long ttftNanos, long restNanos) {
        double uncached = uncached(promptTokens, cachedTokens, usage);
        double tokens = effectiveTokens(promptTokens, uncached);
        // A speed without end would make costs that are no numbers.
        if (tokens >= LEAST_TOKENS && ttftNanos > 0 && streamed(usage, restNanos * 1e-9)) {
            observe(endpoint, ttftNanos * 1e-9 / (tokens + OVERHEAD_TOKENS));
        }
    }

    /** Returns how many tokens had to be computed, or 0 if nobody knows. The engine's tokens may be shorter than ours. */
    private static double uncached(int promptTokens, int cachedTokens, Usage usage) {
        if (usage.cachedTokens() >= 0 && usage.promptTokens() > 0) {
            return promptTokens * Math.max(0, 1 - (double) usage.cachedTokens() / usage.promptTokens());
        }
        return cachedTokens < 0 ? 0 : promptTokens - cachedTokens;
    }

    private static boolean streamed(Usage usage, double restSeconds) {
        return usage.outputTokens() >= 0
                ? restSeconds >= (usage.outputTokens() - 1) * LEAST_SECONDS_PER_OUTPUT_TOKEN
                : restSeconds >= LEAST_STREAM_SECONDS;
    }

    private void observe(Endpoint endpoint, double secondsPerToken) {
        var log = endpoint.speedLog();
        log.observed[(int) (log.count++ % REMEMBERED)] = secondsPerToken;
        if (log.knows()) {
            int n = (int) Math.min(log.count, REMEMBERED);
            System.arraycopy(log.observed, 0, sorted, 0, n);
            Arrays.sort(sorted, 0, n);
            endpoint.prefillSecondsPerToken(sorted[n / 4]);
            if (log.count == NEEDED) {
                guessTheOthers();
            }
        }
    }

    /** Gives endpoints of unknown speed the median of the known ones; once for each endpoint that becomes known. */
    private void guessTheOthers() {
        double median = median();
        for (var endpoint : roster.members().all()) {
            if (!endpoint.speedLog().knows()) {
                endpoint.prefillSecondsPerToken(median);
            }
        }
    }

    /** Returns the median of the known speeds, or NaN if none is known. */
    private double median() {
        var known = roster.members().all().stream()
                .filter(endpoint -> endpoint.speedLog().knows())
                .mapToDouble(Endpoint::prefillSecondsPerToken)
                .sorted()
                .toArray();
        return known.length == 0 ? Double.NaN : (known[(known.length - 1) / 2] + known[known.length / 2]) / 2;
    }
}
