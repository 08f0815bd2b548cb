package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.RequestOutcome;
import java.util.ArrayList;
import java.util.List;

/**
 * The numbers of one stage of a plan. Unlike those of the whole run they hold every request of the stage: a warm-up that
 * leaves out the first stage would say nothing about it.
 *
 * @param stage its number, from 0
 * @param rate requests that the plan sends per second in this stage; NaN if it sends all of them at once
 * @param figures what came of them
 */
public record StageFigures(int stage, double rate, Figures figures) {
    /** Returns the stages of a run whose outcomes are in the plan's order; empty for a plan of one stage. */
    static List<StageFigures> of(Plan plan, PolicyRun run, LatencyTarget target) {
        var requests = plan.requests();
        if (run.outcomes().size() != requests.size()) {
            throw new IllegalArgumentException("outcomes: " + run.outcomes().size() + " (expected: " + requests.size()
                    + ", one for each request)");
        }
        int last = requests.stream().mapToInt(r -> r.stage()).max().orElse(0);
        var stages = new ArrayList<StageFigures>();
        for (int stage = 0; stage <= last && last > 0; stage++) {
            var outcomes = new ArrayList<RequestOutcome>();
            double end = 0;
            for (int i = 0; i < requests.size(); i++) {
                if (requests.get(i).stage() == stage) {
                    outcomes.add(run.outcomes().get(i).counted());
                    end = Math.max(end, requests.get(i).atSeconds());
                }
            }
            double rate = end == 0 ? Double.NaN : outcomes.size() / end;
            stages.add(new StageFigures(
                    stage, rate, Figures.of(new PolicyRun(run.policy(), outcomes, List.of()), target)));
        }
        return List.copyOf(stages);
    }
}
