package dev.warmgate.twin.experiment;

import dev.warmgate.twin.workload.Plan;
import java.util.Set;
import java.util.function.DoubleFunction;

/**
 * A workload that is offered.
 *
 * @param name what people call it by
 * @param plans makes its plan for a factor on the times of its arrivals; equal factors give equal plans
 */
public record Offer(String name, DoubleFunction<Plan> plans) {
    /** Returns the plan for a factor on the times of its arrivals. */
    public Plan plan(double timeScale) {
        return plans.apply(timeScale);
    }

    /** Returns the same workload without the requests of other tenants. */
    public Offer of(Set<String> tenants) {
        return new Offer(name, scale -> plan(scale).of(tenants));
    }

    /** Returns the requests that a plan sends per second of its own time, all stages together. */
    public static double load(Plan plan) {
        double[] ends = new double
                [plan.requests().stream()
                                .mapToInt(request -> request.stage())
                                .max()
                                .orElse(0)
                        + 1];
        for (var request : plan.requests()) {
            ends[request.stage()] = Math.max(ends[request.stage()], request.atSeconds());
        }
        double seconds = 0;
        for (double end : ends) {
            seconds += end;
        }
        return plan.requests().size() / Math.max(seconds, 1e-3);
    }
}
