package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** AIBrix's {@code prefix-cache}. */
final class Aibrix implements RoutingPolicy {
    /*
     * if max R − min R > 8:   least R
     * else:                   the longest match, in whole per cent, among holders with R_i ≤ mean R + 1·σ; then least R
     * no such holder:         least R
     *
     * R requests at the endpoint as this gateway counts them. By default matches come from a hash table of 200,000 blocks in
     * all, each forgotten after 20 minutes, which does not know what the engines have evicted; with event synchronisation,
     * from what they hold. Here the index is as large as the engines' caches, which is worth more to it than the table.
     *
     * Source: aibrix pkg/plugins/gateway/algorithms/prefix_cache.go, of the version whose imbalance test is a plain
     * difference (August 2026).
     */
    private static final int IMBALANCE = 8;
    private static final double DEVIATIONS = 1;

    @Override
    public String name() {
        return "aibrix";
    }

    @Override
    public boolean readsPrefixIndex() {
        return true;
    }

    @Override
    public int choose(Candidates candidates) {
        if (Least.mostInFlight(candidates) - Least.fewestInFlight(candidates) > IMBALANCE) {
            return Least.busy(candidates);
        }
        double sum = 0;
        double squares = 0;
        int n = candidates.size();
        for (int i = 0; i < n; i++) {
            double running = candidates.endpoint(i).inFlight();
            sum += running;
            squares += running * running;
        }
        double mean = sum / n;
        double limit = mean + DEVIATIONS * Math.sqrt(Math.max(0, squares / n - mean * mean));
        int best = 0;
        for (int i = 0; i < n; i++) {
            if (candidates.endpoint(i).inFlight() <= limit) {
                best = Math.max(best, percent(candidates, i));
            }
        }
        int longest = best;
        return longest == 0
                ? Least.busy(candidates)
                : Least.among(
                        candidates,
                        i -> percent(candidates, i) == longest
                                && candidates.endpoint(i).inFlight() <= limit,
                        i -> candidates.endpoint(i).inFlight());
    }

    private static int percent(Candidates candidates, int i) {
        int total = candidates.request().prompt().tokens();
        int matched = candidates.match().cachedTokens(candidates.endpoint(i).slot());
        return total == 0 ? 0 : (int) (100L * matched / total);
    }
}
