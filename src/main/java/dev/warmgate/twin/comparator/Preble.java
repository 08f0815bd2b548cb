package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;
import java.util.ArrayDeque;
import java.util.Arrays;

/** Preble's E2, "exploit or explore", which AIBrix offers as {@code prefix-cache-preble}. */
final class Preble implements RoutingPolicy {
    /*
     * exploit, if the longest match m > n − m:   of its holders, the one with the least load L
     *          but if L there > 1.5·min L:       the endpoint with min L
     * explore, else:                             least L_i + M_i + P_i
     *
     * L: seconds of work placed in the last 3 minutes, prefill of uncached tokens and decode of 45 tokens per request.
     * M: what this prompt evicts, once the window's new tokens fill the cache: its uncached tokens' share of hits there.
     * P: prefill of the uncached tokens. Both systems know the times of old GPUs only; here those of a 32B model on two
     * H100 with little to do. Matches come from a tree of what was placed, as large as the engines' caches.
     *
     * Sources: Srivatsa et al., "Preble: Efficient Distributed Prompt Scheduling for LLM Serving", ICLR 2025; aibrix
     * pkg/plugins/gateway/algorithms/prefix_cache_preble.go (window, 45 tokens, the ratio of a half).
     */
    private static final long WINDOW_NANOS = 180_000_000_000L;
    private static final double REBALANCE = 1.5;
    private static final double PREFILL_SECONDS_PER_TOKEN = 60e-6;
    private static final double DECODE_SECONDS = 45 * 0.025;

    private final FleetView fleet;
    private final ArrayDeque<Placed> window = new ArrayDeque<>();
    private final double[] load;
    private final long[] prompts;
    private final long[] uncached;

    private record Placed(long nanoTime, int slot, int prompt, int uncached) {
        double seconds() {
            return uncached * PREFILL_SECONDS_PER_TOKEN + DECODE_SECONDS;
        }
    }

    Preble(FleetView fleet) {
        this.fleet = fleet;
        load = new double[fleet.endpoints()];
        prompts = new long[fleet.endpoints()];
        uncached = new long[fleet.endpoints()];
    }

    @Override
    public String name() {
        return "preble";
    }

    @Override
    public boolean readsPrefixIndex() {
        return true;
    }

    @Override
    public int choose(Candidates candidates) {
        while (!window.isEmpty() && window.getFirst().nanoTime() < candidates.nanoTime() - WINDOW_NANOS) {
            count(window.removeFirst(), -1);
        }
        int prompt = candidates.request().prompt().tokens();
        int chosen = choose(candidates, prompt);
        var endpoint = candidates.endpoint(chosen);
        var placed = new Placed(
                candidates.nanoTime(),
                endpoint.slot(),
                prompt,
                prompt - candidates.match().cachedTokens(endpoint.slot()));
        window.addLast(placed);
        count(placed, 1);
        return chosen;
    }

    private int choose(Candidates candidates, int prompt) {
        var match = candidates.match();
        int longest = 0;
        for (int i = 0; i < candidates.size(); i++) {
            longest =
                    Math.max(longest, match.cachedTokens(candidates.endpoint(i).slot()));
        }
        if (longest <= prompt - longest) {
            return Least.of(candidates, i -> explore(candidates, i, prompt));
        }
        int held = longest;
        int holder = Least.among(
                candidates,
                i -> match.cachedTokens(candidates.endpoint(i).slot()) == held,
                i -> load[candidates.endpoint(i).slot()]);
        int idlest = Least.of(candidates, i -> load[candidates.endpoint(i).slot()]);
        double least = load[candidates.endpoint(idlest).slot()];
        return load[candidates.endpoint(holder).slot()] > REBALANCE * least ? idlest : holder;
    }

    private double explore(Candidates candidates, int i, int prompt) {
        int slot = candidates.endpoint(i).slot();
        int computed = prompt - candidates.match().cachedTokens(slot);
        double hits = prompts[slot] == 0 ? 0 : 1 - (double) uncached[slot] / prompts[slot];
        double evicted = uncached[slot] < fleet.kvTokens(slot) ? 0 : computed * hits;
        return load[slot] + (evicted + computed) * PREFILL_SECONDS_PER_TOKEN;
    }

    private void count(Placed placed, int sign) {
        load[placed.slot()] += sign * placed.seconds();
        prompts[placed.slot()] += (long) sign * placed.prompt();
        uncached[placed.slot()] += (long) sign * placed.uncached();
    }

    @Override
    public String toString() {
        return "Preble[load=" + Arrays.toString(load) + "]";
    }
}
