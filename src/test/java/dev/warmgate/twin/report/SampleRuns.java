package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.RequestOutcome.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A comparison made up from formulas, for what shows comparisons. */
final class SampleRuns {
    private static final int REQUESTS = 400;

    static final RunFacts FACTS = new RunFacts(
            "Warmgate demo",
            "Two policies.",
            List.of("coding: 400 requests <&> more"),
            "Within target: soon.",
            "./warmgate demo --seed 1",
            Map.of("speedUp", 20));

    private SampleRuns() {}

    static Comparison comparison() {
        return Comparison.of(
                FACTS, List.of(run("round-robin", 8, 0.6), run("warm", 0.3, 0.95)), LatencyTarget.INTERACTIVE);
    }

    /** Figures of a run that is nothing but this share of requests within target. */
    static Figures figures(String policy, double attainment) {
        var some = new Distribution(0.5, 0.4, 1, 2);
        return new Figures(
                policy,
                100,
                100,
                some,
                some,
                some,
                some,
                0.5,
                attainment,
                attainment,
                1,
                0,
                0,
                100,
                100,
                Map.of(),
                Map.of(),
                0);
    }

    static RequestOutcome outcome(double sent, double ttft, double itl, int prompt, int cached, int output) {
        return outcome(sent, ttft, itl, prompt, cached, output, null);
    }

    static RequestOutcome outcome(
            double sent, double ttft, double itl, int prompt, int cached, int output, @Nullable String failure) {
        double end = sent + Math.max(0, ttft) + Math.max(0, itl) * Math.max(0, output - 1);
        var ending = failure == null ? Ending.COMPLETED : Ending.FAILED;
        return new RequestOutcome(
                "coding", null, 0, sent, end, ttft, itl, prompt, cached, output, Double.NaN, -1, true, ending, failure);
    }

    static PolicyRun run(String policy, double ttft, double hit) {
        var random = new SplittableRandom(1);
        var outcomes = new ArrayList<RequestOutcome>();
        var samples = new ArrayList<FleetSample>();
        for (int i = 0; i < REQUESTS; i++) {
            double growth = 0.2 + (double) i / REQUESTS;
            double scatter = Math.exp(random.nextGaussian() * 0.6);
            int prompt = 20_000 + 30 * i;
            outcomes.add(outcome(i, ttft * growth * scatter, 0.03 * scatter, prompt, (int) (prompt * hit), 300));
            var endpoints = new ArrayList<EndpointSample>();
            for (int e = 0; e < 4; e++) {
                long tokens = (long) prompt * i * (4 + e) / 16;
                endpoints.add(new EndpointSample(
                        (int) (ttft * growth * 3) + e, (int) (ttft * growth), hit / 2, tokens, (long) (tokens * hit)));
            }
            samples.add(new FleetSample(i, endpoints));
        }
        return new PolicyRun(policy, outcomes, samples);
    }
}
