package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.RoutingPolicy;
import org.jspecify.annotations.Nullable;

/**
 * llm-d's endpoint picker, hence GKE Inference Gateway, with its default profile; load as the engines tell it. Its precise
 * form knows from KV events what the engines hold.
 */
final class LlmD implements RoutingPolicy {
    /*
     * score_i = 2·(maxW − W_i)/(maxW − minW)  +  2·(1 − K_i)  +  3·matched_i/total        the greatest wins, ties at random
     *
     * W waiting requests and K KV utilisation, both scraped; the queue term is 1 for all when all W are equal. The prefix
     * term counts blocks of 64 tokens of at most 131,072 tokens, from an approximate index: 31,250 blocks per endpoint,
     * recorded when the request is placed. An endpoint not scraped yet counts as empty. The precise form has the same
     * weights, "3:2:2" in llm-d's published benchmarks, and an exact index.
     *
     * Source: llm-d-router 0.10: queue-scorer, kv-cache-utilization-scorer, prefix-cache-scorer with
     * approx-prefix-cache-producer, max-score-picker, in the weights of the built-in configuration.
     */
    static final double QUEUE = 2;
    static final double KV = 2;
    static final double PREFIX = 3;

    /** 31,250 blocks of 64 tokens. */
    static final long INDEX_TOKENS = 31_250 * 64;

    private static final int MOST_PROMPT_TOKENS = 131_072;

    /** Tells what the engines hold; null where the picker guesses from what it placed. */
    private final @Nullable FleetView exact;

    LlmD(@Nullable FleetView exact) {
        this.exact = exact;
    }

    @Override
    public String name() {
        return exact == null ? "llm-d" : "llm-d-precise";
    }

    @Override
    public boolean readsPrefixIndex() {
        return exact == null;
    }

    @Override
    public int choose(Candidates candidates) {
        int most = 0;
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < candidates.size(); i++) {
            int waiting = waiting(candidates.endpoint(i));
            most = Math.max(most, waiting);
            fewest = Math.min(fewest, waiting);
        }
        double longest = most;
        double spread = most - fewest;
        return Least.of(candidates, i -> {
            var endpoint = candidates.endpoint(i);
            double queue = spread == 0 ? 1 : (longest - waiting(endpoint)) / spread;
            return -(QUEUE * queue + KV * (1 - kvUsage(endpoint)) + PREFIX * held(candidates, i));
        });
    }

    private double held(Candidates candidates, int i) {
        return exact == null
                ? prefix(candidates, i)
                : share(candidates, exact.cachedTokens(candidates.endpoint(i).slot()));
    }

    /** Returns the share of the prompt that candidate {@code i} is believed to hold, as the prefix scorer counts it. */
    static double prefix(Candidates candidates, int i) {
        return share(
                candidates,
                candidates.match().cachedTokens(candidates.endpoint(i).slot()));
    }

    private static double share(Candidates candidates, int cachedTokens) {
        int total = Math.min(candidates.request().prompt().tokens(), MOST_PROMPT_TOKENS);
        return total == 0 ? 0 : (double) Math.min(cachedTokens, MOST_PROMPT_TOKENS) / total;
    }

    private static int waiting(Endpoint endpoint) {
        var load = endpoint.engineLoad();
        return load == null ? 0 : load.waiting();
    }

    static double kvUsage(Endpoint endpoint) {
        var load = endpoint.engineLoad();
        return load == null ? 0 : load.kvUsage();
    }
}
