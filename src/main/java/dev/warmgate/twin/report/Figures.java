package dev.warmgate.twin.report;

import dev.warmgate.twin.load.RequestOutcome;
import java.util.Map;
import java.util.TreeMap;

/**
 * The numbers of one policy's run; times in model seconds.
 *
 * @param policy the policy's name
 * @param requests requests offered
 * @param completed requests whose whole answer came
 * @param ttft time to first token, of all requests that had one
 * @param itl mean time between output tokens of each completed request with two or more
 * @param hitRatio share of the completed requests' prompt tokens that came from a KV cache
 * @param sloAttainment share of offered requests that completed within the latency target
 * @param goodput requests within the latency target per second
 * @param outputTokensPerSecond output tokens of completed requests per second
 * @param seconds length of the run, until its last request ended
 * @param failures requests that did not complete, by reason
 */
public record Figures(
        String policy,
        int requests,
        int completed,
        Distribution ttft,
        Distribution itl,
        double hitRatio,
        double sloAttainment,
        double goodput,
        double outputTokensPerSecond,
        double seconds,
        Map<String, Integer> failures) {
    public Figures {
        failures = Map.copyOf(failures);
    }

    /** Returns the figures of {@code run} against {@code target}. */
    public static Figures of(PolicyRun run, LatencyTarget target) {
        int completed = 0;
        int within = 0;
        double promptTokens = 0;
        double cachedTokens = 0;
        double outputTokens = 0;
        var failures = new TreeMap<String, Integer>();
        for (var outcome : run.outcomes()) {
            var failure = outcome.failure();
            if (failure != null) {
                failures.merge(failure, 1, Integer::sum);
                continue;
            }
            completed++;
            within += target.met(outcome) ? 1 : 0;
            promptTokens += outcome.promptTokens();
            cachedTokens += outcome.cachedTokens();
            outputTokens += outcome.outputTokens();
        }
        double[] itls = run.outcomes().stream()
                .filter(RequestOutcome::completed)
                .mapToDouble(RequestOutcome::itlSeconds)
                .filter(t -> t >= 0)
                .toArray();
        int requests = run.outcomes().size();
        double seconds = run.seconds();
        return new Figures(
                run.policy(),
                requests,
                completed,
                Distribution.of(run.ttfts()),
                Distribution.of(itls),
                ratio(cachedTokens, promptTokens),
                ratio(within, requests),
                ratio(within, seconds),
                ratio(outputTokens, seconds),
                seconds,
                failures);
    }

    private static double ratio(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
