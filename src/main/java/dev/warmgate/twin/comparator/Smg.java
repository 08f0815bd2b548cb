package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** The {@code cache_aware} policy of smg, SGLang's gateway, with the defaults of its command line. */
final class Smg implements RoutingPolicy {
    /*
     * if max B − min B > 64 and max B > 1.5·min B:   least B
     * else if matched / prompt > 0.3:                the holder of the longest match
     * else:                                          least B
     *
     * B requests in flight. By default matches come from a tree of everything this gateway has sent, 67,108,864 characters
     * per endpoint, which does not know what the engines have evicted; with KV events, from what they hold. Here the index
     * is as large as the engines' caches, which is worth more to it than its own tree. Which of several holders of the
     * longest match its tree names is an accident; with KV events it is the least busy, as here.
     *
     * Source: smg model_gateway/src/policies/cache_aware.rs; thresholds of the command line, not of the library.
     */
    private static final int ABSOLUTE = 64;
    private static final double RELATIVE = 1.5;
    private static final double LEAST_MATCH = 0.3;

    @Override
    public String name() {
        return "smg";
    }

    @Override
    public boolean readsPrefixIndex() {
        return true;
    }

    @Override
    public int choose(Candidates candidates) {
        int most = Least.mostInFlight(candidates);
        int fewest = Least.fewestInFlight(candidates);
        if (most - fewest > ABSOLUTE && most > RELATIVE * fewest) {
            return Least.busy(candidates);
        }
        var match = candidates.match();
        int longest = 0;
        for (int i = 0; i < candidates.size(); i++) {
            longest =
                    Math.max(longest, match.cachedTokens(candidates.endpoint(i).slot()));
        }
        int held = longest;
        if (held <= LEAST_MATCH * candidates.request().prompt().tokens()) {
            return Least.busy(candidates);
        }
        return Least.among(
                candidates,
                i -> match.cachedTokens(candidates.endpoint(i).slot()) == held,
                i -> candidates.endpoint(i).inFlight());
    }
}
