package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.RequestOutcome;
import java.util.List;
import java.util.Map;

/**
 * One policy's run.
 *
 * @param policy the policy's name
 * @param outcomes one per planned request, those of the warm-up and those never sent included
 * @param samples the fleet over time; may be empty
 * @param itl times between two tokens of measured requests
 * @param preemptions running requests that engines threw out for lack of KV blocks; -1 if nobody can know
 * @param explained requests whose decisions were to be kept, in the plan's order
 * @param minuteWork what endpoints worked for each tenant's requests in each minute from the run's beginning, in seconds;
 *     those without a tenant are {@link #NOBODY}'s; empty if nobody can know
 */
public record PolicyRun(
        String policy,
        List<RequestOutcome> outcomes,
        List<FleetSample> samples,
        ItlFigures itl,
        long preemptions,
        List<ExplainedRequest> explained,
        Map<String, List<Double>> minuteWork) {
    /** The tenant of requests without one. */
    public static final String NOBODY = ClassNames.NOBODY;

    public PolicyRun {
        minuteWork = Map.copyOf(minuteWork);
        explained = List.copyOf(explained);
        outcomes = List.copyOf(outcomes);
        samples = List.copyOf(samples);
    }

    /** Creates a run whose times between tokens were not told apart, and of which no decision was kept. */
    public PolicyRun(
            String policy,
            List<RequestOutcome> outcomes,
            List<FleetSample> samples,
            Distribution itl,
            long preemptions) {
        this(policy, outcomes, samples, ItlFigures.of(itl), preemptions, List.of(), Map.of());
    }

    /** Creates a run that only its client saw: every request's mean time between tokens stands for all of them. */
    public PolicyRun(String policy, List<RequestOutcome> outcomes, List<FleetSample> samples) {
        this(
                policy,
                outcomes,
                samples,
                Distribution.of(outcomes.stream()
                        .filter(outcome -> outcome.measured() && outcome.completed() && outcome.tpotSeconds() >= 0)
                        .mapToDouble(RequestOutcome::tpotSeconds)
                        .toArray()),
                -1);
    }

    /** Returns how long the measured part took, from its first request sent to its last one ended, in model seconds. */
    public double seconds() {
        double begin = Double.POSITIVE_INFINITY;
        double end = 0;
        for (var outcome : measured()) {
            begin = Math.min(begin, outcome.sentSeconds());
            end = Math.max(end, outcome.endSeconds());
        }
        return Math.max(0, end - begin);
    }

    /**
     * Returns for how long measured requests were sent, from the first one to the last one, in model seconds; where all were
     * sent at once, {@link #seconds}.
     */
    public double offeredSeconds() {
        double begin = Double.POSITIVE_INFINITY;
        double end = 0;
        for (var outcome : measured()) {
            begin = Math.min(begin, outcome.sentSeconds());
            end = Math.max(end, outcome.sentSeconds());
        }
        return end > begin ? end - begin : seconds();
    }

    /** Returns when the last request ended. */
    double endSeconds() {
        return outcomes.stream().mapToDouble(RequestOutcome::endSeconds).max().orElse(0);
    }

    /** Returns the outcomes of the requests that were offered and count. */
    List<RequestOutcome> measured() {
        return outcomes.stream()
                .filter(outcome -> outcome.measured() && outcome.offered())
                .toList();
    }

    /** Returns the number of endpoints, as far as the client knows which of them served it; else 0. */
    int endpoints() {
        boolean known = outcomes.stream().allMatch(outcome -> outcome.endpoint() >= 0 || !outcome.completed());
        return known && !samples.isEmpty() ? samples.getFirst().endpoints().size() : 0;
    }

    double[] ttfts() {
        return outcomes.stream()
                .filter(RequestOutcome::measured)
                .mapToDouble(RequestOutcome::ttftSeconds)
                .filter(t -> t >= 0)
                .toArray();
    }
}
