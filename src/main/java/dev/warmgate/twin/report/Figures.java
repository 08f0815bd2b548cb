package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.RequestOutcome.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * The numbers of one policy's run; times in model seconds.
 *
 * @param policy the policy's name
 * @param requests requests offered: those that were never sent, as their sessions had been refused, are not
 * @param completed requests whose whole answer came
 * @param ttft time to first token, of all requests that had one
 * @param tpot mean time between output tokens of each completed request with two or more
 * @param itl times between two output tokens
 * @param e2e time from sending to the last token of completed requests
 * @param hitRatio share of the completed requests' prompt tokens that came from a KV cache; NaN if nobody said
 * @param sloAttainment share of the requests that completed within the latency target; those that were never sent count as
 *     missed, else whoever turns sessions away would look good
 * @param goodput requests within the latency target per second in which requests were sent: what is answered after that,
 *     in time or not, takes nothing from what was offered
 * @param outputTokensPerSecond output tokens of completed requests per second
 * @param preemptions running requests that engines threw out for lack of KV blocks; -1 if nobody can know
 * @param imbalance coefficient of variation of the prompt tokens that each endpoint computed; NaN if nobody can know
 * @param seconds length of the measured part, until its last request ended
 * @param offeredSeconds the same until its last request was sent
 * @param failures requests that broke, by reason
 * @param refused requests that were turned away, by reason
 * @param notSent requests that were never offered, because one that their session depends on was refused
 */
public record Figures(
        String policy,
        int requests,
        int completed,
        Distribution ttft,
        Distribution tpot,
        Distribution itl,
        Distribution e2e,
        double hitRatio,
        double sloAttainment,
        double goodput,
        double outputTokensPerSecond,
        long preemptions,
        double imbalance,
        double seconds,
        double offeredSeconds,
        Map<String, Integer> failures,
        Map<String, Integer> refused,
        int notSent) {
    public Figures {
        failures = Map.copyOf(failures);
        refused = Map.copyOf(refused);
    }

    /** Returns the figures of {@code run} against {@code target}. */
    public static Figures of(PolicyRun run, LatencyTarget target) {
        return of(run, run.outcomes(), run.itl().all(), target);
    }

    /**
     * Returns the figures of some of a run's requests, of which {@code itl} is known; rates are per second of the whole run,
     * so that those of several parts add up.
     */
    static Figures of(PolicyRun run, List<RequestOutcome> part, Distribution itl, LatencyTarget target) {
        var offered = new ArrayList<RequestOutcome>();
        var completed = new ArrayList<RequestOutcome>();
        var failures = new TreeMap<String, Integer>();
        var refused = new TreeMap<String, Integer>();
        int notSent = 0;
        int within = 0;
        double promptTokens = 0;
        double cachedTokens = 0;
        double outputTokens = 0;
        for (var outcome : part) {
            if (!outcome.measured()) {
                continue;
            }
            if (!outcome.offered()) {
                notSent++;
                continue;
            }
            offered.add(outcome);
            var failure = outcome.failure();
            if (failure != null) {
                (outcome.ending() == Ending.REFUSED ? refused : failures).merge(failure, 1, Integer::sum);
                continue;
            }
            completed.add(outcome);
            within += target.met(outcome) ? 1 : 0;
            if (outcome.cachedTokens() >= 0) {
                promptTokens += outcome.promptTokens();
                cachedTokens += outcome.cachedTokens();
            }
            outputTokens += outcome.outputTokens();
        }
        double seconds = run.seconds();
        double offeredSeconds = run.offeredSeconds();
        return new Figures(
                run.policy(),
                offered.size(),
                completed.size(),
                distribution(offered, RequestOutcome::ttftSeconds),
                distribution(completed, RequestOutcome::tpotSeconds),
                itl,
                distribution(completed, outcome -> outcome.endSeconds() - outcome.sentSeconds()),
                promptTokens == 0 ? Double.NaN : cachedTokens / promptTokens,
                ratio(within, offered.size() + notSent),
                ratio(within, offeredSeconds),
                ratio(outputTokens, seconds),
                run.preemptions(),
                imbalance(completed, run.endpoints()),
                seconds,
                offeredSeconds,
                failures,
                refused,
                notSent);
    }

    /** Returns how many requests were turned away. */
    int refusals() {
        return refused.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Returns how many requests broke. */
    int breakages() {
        return failures.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static Distribution distribution(List<RequestOutcome> outcomes, ToDoubleFunction<RequestOutcome> value) {
        return Distribution.of(outcomes.stream()
                .mapToDouble(value)
                .filter(seconds -> seconds >= 0)
                .toArray());
    }

    private static double imbalance(List<RequestOutcome> outcomes, int endpoints) {
        if (endpoints == 0) {
            return Double.NaN;
        }
        var computed = new double[endpoints];
        for (var outcome : outcomes) {
            computed[outcome.endpoint()] += outcome.promptTokens() - outcome.cachedTokens();
        }
        double mean = Arrays.stream(computed).average().orElse(0);
        double variance = Arrays.stream(computed)
                .map(c -> (c - mean) * (c - mean))
                .average()
                .orElse(0);
        return mean == 0 ? 0 : Math.sqrt(variance) / mean;
    }

    private static double ratio(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
