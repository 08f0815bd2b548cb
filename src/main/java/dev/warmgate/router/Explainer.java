package dev.warmgate.router;

import dev.warmgate.router.Explanation.Candidate;
import dev.warmgate.router.Explanation.Facts;
import dev.warmgate.router.Explanation.Price;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Takes one decision apart and finds the words for it. Called under the pool's lock, after the choice and before it is
 * booked; O(n log n) for n candidates.
 */
final class Explainer {
    /** Costs that differ by less are said to be the same: they are sums in floating point. */
    private static final double SAME = 1e-9;

    private final String policy;
    private final int promptTokens;
    private final List<Candidate> candidates = new ArrayList<>();
    private final Candidate chosen;

    private Explainer(RoutingPolicy policy, Candidates from, int choice, boolean indexRead) {
        this.policy = policy.name();
        promptTokens = from.request().prompt().tokens();
        for (int i = 0; i < from.size(); i++) {
            var price = policy.price(from, i);
            var endpoint = from.endpoint(i);
            int cached = indexRead ? from.match().cachedTokens(endpoint.slot()) : -1;
            var facts = new Facts(
                    endpoint.inFlight(),
                    endpoint.pendingPrefillTokens(),
                    endpoint.pendingPrefillSeconds(),
                    cached,
                    indexRead ? promptTokens - cached : -1);
            candidates.add(
                    new Candidate(endpoint.name(), facts, price == null ? Price.NONE : price, policy.score(from, i)));
        }
        chosen = candidates.get(choice);
    }

    /**
     * Explains a choice.
     *
     * @param indexRead whether {@code from} holds what the prefix index answered
     */
    static Explanation explain(RoutingPolicy policy, Candidates from, int choice, boolean indexRead) {
        var explainer = new Explainer(policy, from, choice, indexRead);
        return new Explanation(explainer.candidates, explainer.chosen, explainer.reason());
    }

    private String reason() {
        var score = chosen.score();
        if (score != null) {
            return Scores.reason(candidates, chosen, score);
        }
        if (candidates.size() == 1) {
            return name(chosen) + " is the only candidate" + (holds(chosen) ? "; it " + holding(chosen) : "");
        }
        var next = cheapestOther(candidates);
        if (next == null || !chosen.price().known()) {
            return withoutPrices();
        }
        if (cost(next) < cost(chosen) - SAME) {
            return policy + " chose " + name(chosen) + " although " + name(next) + " would cost "
                    + seconds(cost(chosen) - cost(next)) + " less";
        }
        int most = mostCached();
        if (chosen.facts().cachedTokens() < most) {
            return spill(most);
        }
        return most > 0 ? warm(next) : cold(next);
    }

    private String withoutPrices() {
        var inFlight =
                others().stream().mapToInt(other -> other.facts().inFlight()).summaryStatistics();
        var text = policy + " compares no costs; " + name(chosen) + " has "
                + requests(chosen.facts().inFlight()) + " (others " + count(inFlight.getMin())
                + (inFlight.getMin() < inFlight.getMax() ? " to " + count(inFlight.getMax()) : "") + ")";
        if (mostCached() <= 0) {
            return text;
        }
        int most = others().stream()
                .mapToInt(other -> other.facts().cachedTokens())
                .max()
                .orElse(0);
        return text + " and " + holding(chosen) + " (others " + (most == 0 ? "none" : "at most " + count(most)) + ")";
    }

    /** The chosen endpoint holds as much as any. */
    private String warm(Candidate next) {
        var text = name(chosen) + " " + holding(chosen) + "; " + name(next);
        int lost = chosen.facts().cachedTokens() - next.facts().cachedTokens();
        if (lost == 0) {
            return text + " holds as much"
                    + (cost(next) - cost(chosen) <= SAME ? " at the same cost" : " but " + drawback(next));
        }
        double sooner = chosen.price().ttftSeconds() - next.price().ttftSeconds();
        String recompute = "recompute " + tokens(lost);
        return text + " would "
                + (Double.isNaN(sooner)
                        ? recompute
                        : sooner > 0
                                ? "answer " + seconds(sooner) + " sooner but " + recompute
                                : recompute + " and answer " + seconds(-sooner) + " later");
    }

    /** Another endpoint holds more of the prompt than the chosen one. */
    private String spill(int most) {
        var holders = candidates.stream()
                .filter(candidate -> candidate.facts().cachedTokens() == most)
                .toList();
        var home = cheapestOther(holders);
        if (home == null) {
            return withoutPrices();
        }
        int more = most - chosen.facts().cachedTokens();
        return name(chosen) + " computes " + tokens(more) + " that " + name(home) + " holds: " + name(home) + " "
                + drawback(home);
    }

    /** No endpoint holds anything, or nobody knows. */
    private String cold(Candidate next) {
        var start = chosen.facts().cacheKnown() && promptTokens > 0
                ? "no endpoint holds any of the " + tokens(promptTokens) + "; "
                : "";
        var facts = chosen.facts();
        int equal = 0;
        for (var other : others()) {
            if (other.facts().inFlight() < facts.inFlight()
                    || other.facts().pendingPrefillTokens() < facts.pendingPrefillTokens()) {
                return start + name(chosen) + " costs the least, " + seconds(cost(chosen)) + "; " + name(next) + " "
                        + drawback(next);
            }
            equal += other.facts().equals(facts) && cost(other) - cost(chosen) <= SAME ? 1 : 0;
        }
        if (equal == 0) {
            return start + name(chosen) + " is the least busy, with " + requests(facts.inFlight());
        }
        return start + name(chosen) + " was drawn from " + (equal + 1) + " that are least busy, with "
                + requests(facts.inFlight());
    }

    /** Returns what speaks against an endpoint that costs at least as much as the chosen one: its load, and the costs. */
    private String drawback(Candidate other) {
        var here = chosen.facts();
        var there = other.facts();
        double more = cost(other) - cost(chosen);
        String costs = more <= SAME ? "would cost the same" : "would cost " + seconds(more) + " more";
        if (there.inFlight() > here.inFlight()) {
            return "has " + requests(there.inFlight()) + " against " + here.inFlight() + " and " + costs;
        }
        if (there.pendingPrefillTokens() > here.pendingPrefillTokens()) {
            return "must first prefill " + tokens(there.pendingPrefillTokens()) + ", not "
                    + count(here.pendingPrefillTokens()) + ", and " + costs;
        }
        return costs;
    }

    private @Nullable Candidate cheapestOther(List<Candidate> among) {
        return among.stream()
                .filter(candidate ->
                        !candidate.equals(chosen) && candidate.price().known())
                .min(Comparator.comparingDouble(Explainer::cost))
                .orElse(null);
    }

    private List<Candidate> others() {
        return candidates.stream()
                .filter(candidate -> !candidate.equals(chosen))
                .toList();
    }

    private int mostCached() {
        return candidates.stream()
                .mapToInt(candidate -> candidate.facts().cachedTokens())
                .max()
                .orElse(-1);
    }

    private static boolean holds(Candidate candidate) {
        return candidate.facts().cachedTokens() > 0;
    }

    private String holding(Candidate candidate) {
        return "holds " + (holds(candidate) ? count(candidate.facts().cachedTokens()) : "none") + " of "
                + count(promptTokens) + " prompt tokens";
    }

    private static String name(Candidate candidate) {
        return candidate.endpoint();
    }

    private static double cost(Candidate candidate) {
        return candidate.price().costSeconds();
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String tokens(long value) {
        return count(value) + (value == 1 ? " token" : " tokens");
    }

    private static String requests(int value) {
        return count(value) + (value == 1 ? " request" : " requests") + " in flight";
    }

    private static String seconds(double value) {
        if (value >= 10) {
            return String.format(Locale.ROOT, "%,.0f s", value);
        }
        return value >= 0.1
                ? String.format(Locale.ROOT, "%.1f s", value)
                : value >= 0.001 ? String.format(Locale.ROOT, "%.0f ms", value * 1e3) : "less than 1 ms";
    }
}
