package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** The earliest first token, as Mooncake's Conductor and predictors of latency have it. */
final class PredictedTtft implements RoutingPolicy {
    /*
     * cost_i = queue_i + prefill(n, m_i)  =  P_i·a  +  U_i·a + p·U_i·(m_i + U_i/2)        the least wins, ties at random
     *
     * P uncached tokens placed whose first token has not come; m tokens of the prompt in the endpoint's cache, from exact KV events; U
     * the others. a and p are the prefill constants of a 32B model on two H100: time per token, and per pair of query and
     * key. It is what is best for this request alone.
     *
     * Source: Qin et al., "Mooncake: A KVCache-centric Disaggregated Architecture for LLM Serving", FAST 2025, algorithm 1
     * without transfers between replicas.
     */
    private static final double SECONDS_PER_TOKEN = 52.5e-6;
    private static final double SECONDS_PER_PAIR = 2.6e-9;

    private final FleetView fleet;

    PredictedTtft(FleetView fleet) {
        this.fleet = fleet;
    }

    @Override
    public String name() {
        return "predicted-ttft";
    }

    @Override
    public int choose(Candidates candidates) {
        int prompt = candidates.request().prompt().tokens();
        return Least.of(candidates, i -> {
            int slot = candidates.endpoint(i).slot();
            double cached = fleet.cachedTokens(slot);
            double uncached = Math.max(0, prompt - cached);
            return SECONDS_PER_TOKEN * (fleet.bookedPrefillTokens(slot) + uncached)
                    + SECONDS_PER_PAIR * uncached * (cached + uncached / 2);
        });
    }
}
