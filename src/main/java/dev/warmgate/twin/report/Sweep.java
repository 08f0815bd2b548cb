package dev.warmgate.twin.report;

import dev.warmgate.router.policy.Policies;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How policies bear a growing load: the same requests offered faster and faster.
 *
 * @param policies one entry for each policy, in the order of the comparison
 */
public record Sweep(List<PolicySweep> policies) {
    public Sweep {
        policies = List.copyOf(policies);
    }

    /**
     * One load.
     *
     * @param timeScale factor on the times of the workload's arrivals
     * @param load requests that the plan sends per second
     * @param figures what came of them
     */
    public record Point(double timeScale, double load, Figures figures) {
        /** Share of requests within the latency target that a policy must reach to bear a load. */
        public static final double ENOUGH = 0.95;

        /** Returns whether the policy bears this load. */
        public boolean borne() {
            return figures.sloAttainment() >= ENOUGH;
        }
    }

    /**
     * One policy's loads.
     *
     * @param policy its name
     * @param points in the order of their load
     */
    public record PolicySweep(String policy, List<Point> points) {
        public PolicySweep {
            points = points.stream()
                    .sorted(Comparator.comparingDouble(Point::load))
                    .toList();
        }

        /** Returns the largest load that the policy bears without failing at a smaller one; null if it bears none. */
        public @Nullable Point knee() {
            Point knee = null;
            for (var point : points) {
                if (!point.borne()) {
                    break;
                }
                knee = point;
            }
            return knee;
        }

        /** Returns whether the policy bears every load that was tried, so that its knee lies beyond them. */
        public boolean unbroken() {
            return points.stream().allMatch(Point::borne);
        }
    }

    /** Returns the knees in words: a line for each policy, then the ratio of warm's to each other one's. */
    public List<String> lines() {
        int name = policies.stream().mapToInt(p -> p.policy().length()).max().orElse(0);
        var lines = new ArrayList<String>();
        lines.add("largest load with " + Format.wholePercent(Point.ENOUGH) + " of requests within target:");
        for (var policy : policies) {
            var knee = policy.knee();
            String text =
                    "  " + policy.policy() + " ".repeat(name - policy.policy().length() + 3);
            if (knee == null) {
                lines.add(text + "none of the loads tried, from "
                        + Format.perSecond(policy.points().getFirst().load()));
            } else {
                lines.add(text
                        + Format.perSecond(knee.load())
                        + String.format(Locale.ROOT, " (time scale %.3f)", knee.timeScale())
                        + (policy.unbroken() ? " or more" : ""));
            }
        }
        lines.addAll(ratios());
        return lines;
    }

    private List<String> ratios() {
        var lines = new ArrayList<String>();
        var warm = policies.stream()
                .filter(p -> p.policy().equals(Policies.WARM))
                .map(PolicySweep::knee)
                .findFirst()
                .orElse(null);
        for (var other : policies) {
            var knee = other.knee();
            if (warm != null && knee != null && !other.policy().equals(Policies.WARM)) {
                lines.add("warm bears " + Format.times(warm.load() / knee.load()) + " times the load of "
                        + other.policy());
            }
        }
        return lines;
    }
}
