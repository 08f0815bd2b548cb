package dev.warmgate.router.profile;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Explanation;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.PrefillSpeeds;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RoutingPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The policy of one pool that a {@link ChainSpec} describes. Called under that pool's lock, but for {@link #hints} and
 * {@link #tells}, which any thread may call.
 */
public final class PluginChain implements RoutingPolicy {
    /*
     * score_i = Σ over scorers of weight · clamp(score(i), 0, 1)        not divided by the sum of the weights
     *
     * O(candidates · plugins); allocates nothing that grows with them once its arrays have grown. What is looked at:
     * matches from the pool's prefix index, requests in flight from the pool's books, the rest from what engines last told,
     * however old, as the reference has it.
     */
    private final ChainSpec spec;
    private final Map<String, Running> profiles = new HashMap<>();
    private final Running only;
    private final Set<String> hints;

    /** In lower case; empty where no header names the profile. */
    private final String profileHeader;

    private final InFlightTokens tokens;
    private final Round round;
    private double[] totals = new double[16];

    /** By scorer of the profile, of those left. */
    private double[][] scores = new double[0][];

    /** By candidate: the filter that left it out. Only of a choice to be explained. */
    private @Nullable String[] leftOutBy = new String[0];

    /** The profile that chose last. */
    private @Nullable Running used;

    private record WeightedScoring(String name, Step.Scoring scoring, double weight) {}

    private record NamedFiltering(String name, Step.Filtering filtering) {}

    /** A profile at work. */
    private record Running(
            SchedulingProfile profile, List<NamedFiltering> filters, List<WeightedScoring> scorers, List<Step> steps) {}

    /** Creates a policy that knows nothing yet. */
    public PluginChain(ChainSpec spec) {
        this.spec = spec;
        this.tokens = new InFlightTokens(spec.load());
        this.round = new Round(spec.prefix(), tokens);
        var filters = new HashMap<String, Step.Filtering>();
        var scorers = new HashMap<String, Step.Scoring>();
        var fields = new HashSet<String>();
        for (var profile : spec.profiles()) {
            var running = start(profile, filters, scorers);
            profiles.put(profile.name(), running);
            running.steps.forEach(step -> fields.addAll(step.hints()));
        }
        only = profiles.values().iterator().next();
        if (spec.handler() instanceof ProfileHandler.ByHeader(var header, var _) && profiles.size() > 1) {
            profileHeader = header.toLowerCase(Locale.ROOT);
            fields.add(profileHeader);
        } else {
            profileHeader = "";
        }
        hints = Set.copyOf(fields);
    }

    private static Running start(
            SchedulingProfile profile, Map<String, Step.Filtering> filters, Map<String, Step.Scoring> scorers) {
        var filterings = new ArrayList<NamedFiltering>();
        for (var filter : profile.filters()) {
            var step = filters.computeIfAbsent(filter.name(), _ -> Filters.start(filter.filter()));
            filterings.add(new NamedFiltering(filter.name(), step));
        }
        var scorings = new ArrayList<WeightedScoring>();
        for (var scorer : profile.scorers()) {
            var step = scorers.computeIfAbsent(scorer.name(), _ -> Scorers.start(scorer.scorer()));
            scorings.add(new WeightedScoring(scorer.name(), step, scorer.weight()));
        }
        var steps = new ArrayList<Step>();
        filterings.forEach(filter -> steps.add(filter.filtering));
        scorings.forEach(scorer -> steps.add(scorer.scoring));
        return new Running(profile, List.copyOf(filterings), List.copyOf(scorings), List.copyOf(steps));
    }

    /** Returns what it was made of. */
    public ChainSpec spec() {
        return spec;
    }

    @Override
    public String name() {
        return spec.name();
    }

    @Override
    public boolean readsPrefixIndex() {
        return spec.prefix() != null;
    }

    /** It thins them out itself, after its filters: before, those could be taken out that a filter lets through. */
    @Override
    public boolean pricesSlowStart() {
        return true;
    }

    @Override
    public boolean choosesAgain() {
        return true;
    }

    @Override
    public boolean placesUnread() {
        return true;
    }

    @Override
    public boolean looksAtRoles() {
        return true;
    }

    @Override
    public Set<String> hints() {
        return hints;
    }

    @Override
    public boolean sameAs(RoutingPolicy other) {
        return other instanceof PluginChain chain && spec.equals(chain.spec);
    }

    @Override
    public int choose(Candidates candidates) {
        var running = profile(candidates.request());
        used = running;
        if (running == null) {
            candidates.refuse("The request names no scheduling profile of the routing policy.");
            return NOBODY;
        }
        round.begin(candidates, running.profile.name());
        boolean explain = candidates.request().explain();
        if (explain) {
            leftOutBy = new String[candidates.size()];
        }
        for (var filter : running.filters) {
            filter.filtering.filter(round);
            if (explain) {
                note(filter.name);
            }
            if (round.size() == 0) {
                candidates.refuse("The filter " + filter.name + " of the routing policy leaves no endpoint.");
                return NOBODY;
            }
        }
        round.thin();
        if (explain) {
            note("slow start");
        }
        score(running);
        int choice = round.left(Pickers.pick(running.profile.picker(), totals, round.size(), candidates.random()));
        predict(candidates, choice);
        return choice;
    }

    private void score(Running running) {
        int n = round.size();
        if (totals.length < n || scores.length < running.scorers.size()) {
            totals = new double[n * 2];
            scores = new double[running.scorers.size()][n * 2];
        }
        Arrays.fill(totals, 0, n, 0);
        for (int s = 0; s < running.scorers.size(); s++) {
            var scorer = running.scorers.get(s);
            scorer.scoring.score(round, scores[s]);
            for (int k = 0; k < n; k++) {
                scores[s][k] = Math.clamp(scores[s][k], 0, 1);
                totals[k] += scorer.weight * scores[s][k];
            }
        }
    }

    private void note(String filter) {
        for (int i = 0; i < leftOutBy.length; i++) {
            if (leftOutBy[i] == null && !round.isLeft(i)) {
                leftOutBy[i] = filter;
            }
        }
    }

    @Override
    public Explanation.@Nullable Score score(Candidates candidates, int i) {
        for (int k = 0; used != null && k < round.size(); k++) {
            if (round.left(k) == i) {
                var parts = new ArrayList<Explanation.Part>();
                for (int s = 0; s < used.scorers.size(); s++) {
                    var scorer = used.scorers.get(s);
                    parts.add(new Explanation.Part(scorer.name, scorer.weight, scores[s][k]));
                }
                return new Explanation.Score(totals[k], parts, null);
            }
        }
        var by = i < leftOutBy.length ? leftOutBy[i] : null;
        return Explanation.Score.leftOut(by == null ? "a filter" : by);
    }

    /** Says how long the prefill will take; where the index is not read, the pool says it. */
    private void predict(Candidates candidates, int choice) {
        if (readsPrefixIndex()) {
            var endpoint = candidates.endpoint(choice);
            int all = candidates.request().prompt().tokens();
            int uncached = all - candidates.match().cachedTokens(endpoint.slot());
            candidates.prefillSeconds(endpoint.prefillSecondsPerToken() * PrefillSpeeds.effectiveTokens(all, uncached));
        }
    }

    /** Any thread. */
    private @Nullable Running profile(InferenceRequest request) {
        return switch (spec.handler()) {
            case ProfileHandler.Single _ -> only;
            case ProfileHandler.ByHeader(var _, var otherwise) -> {
                if (profiles.size() == 1) {
                    yield only;
                }
                var named = request.hints().getOrDefault(profileHeader, "").strip();
                yield profiles.get(named.isEmpty() ? otherwise : named);
            }
        };
    }

    @Override
    public void booked(Candidates candidates, Reservation reservation) {
        tokens.booked(reservation);
        if (used != null) {
            for (var step : used.steps) {
                step.booked(round, candidates.choice());
            }
        }
    }

    /** Those of the highest scores that filters left. */
    @Override
    public List<Endpoint> alternatives(Candidates candidates, int most) {
        int chosen = candidates.choice();
        int[] best = new int[Math.min(most, round.size() - 1)];
        int count = 0;
        for (int k = 0; k < round.size(); k++) {
            if (round.left(k) == chosen || (count == best.length && totals[k] <= lowest(best, count))) {
                continue;
            }
            int at = count < best.length ? count++ : count - 1;
            for (; at > 0 && totals[best[at - 1]] < totals[k]; at--) {
                best[at] = best[at - 1];
            }
            best[at] = k;
        }
        var endpoints = new Endpoint[count];
        Arrays.setAll(endpoints, a -> round.endpoint(round.left(best[a])));
        return List.of(endpoints);
    }

    private double lowest(int[] best, int count) {
        return count == 0 ? Double.POSITIVE_INFINITY : totals[best[count - 1]];
    }

    @Override
    public void ended(Reservation reservation) {
        tokens.ended(reservation);
    }

    @Override
    public void forget(int slot) {
        tokens.forget(slot);
        profiles.values().forEach(running -> running.steps.forEach(step -> step.forget(slot)));
    }

    @Override
    public Map<String, String> tells(InferenceRequest request, Endpoint endpoint) {
        var running = profile(request);
        if (running == null) {
            return Map.of();
        }
        Map<String, String> all = Map.of();
        for (var step : running.steps) {
            var told = step.tells(running.profile.name(), endpoint);
            if (!told.isEmpty()) {
                all = new HashMap<>(all);
                all.putAll(told);
            }
        }
        return all;
    }

    @Override
    public String toString() {
        return "PluginChain[" + spec.name() + ", " + round + "]";
    }
}
