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
     * B requests in flight. Matches come from a tree of everything this gateway has sent, 67,108,864 characters per
     * endpoint, looked through every 120 s: it does not know what the engines have evicted. Which of several holders of
     * the longest match is taken is an accident of the tree; here any.
     *
     * Source: smg model_gateway/src/policies/cache_aware.rs.
     */
    private static final int ABSOLUTE = 64;
    private static final double RELATIVE = 1.5;
    private static final double LEAST_MATCH = 0.3;

    /** 67,108,864 characters. */
    static final long INDEX_TOKENS = 67_108_864 / 4;

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
            longest = Math.max(longest, match.cachedTokens(candidates.endpoint(i).slot()));
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
