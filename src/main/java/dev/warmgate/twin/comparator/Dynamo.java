package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** NVIDIA Dynamo's KV router with its defaults: exact KV events, temperature 0. */
final class Dynamo implements RoutingPolicy {
    /*
     * cost_i = s·max(0, (P_i + n − c·m_i)/bs)  +  decode blocks_i        the least wins, ties at random; s = 1, c = 1
     *
     * P uncached prompt tokens placed whose first token has not come, n the prompt, m its part in the endpoint's cache;
     * decode blocks are those that requests there hold or wait for, with this one among them, shared blocks once. The
     * block size bs divides both terms and decides nothing.
     *
     * Source: dynamo lib/kv-router/src/scheduling/selector/default.rs: overlap_score_credit 1, prefill_load_scale 1,
     * decode_active_request_weight 0, router_temperature 0.
     */
    private static final double PREFILL_LOAD_SCALE = 1;
    private static final double OVERLAP_CREDIT = 1;
    private static final double BLOCK_TOKENS = 16;

    private final FleetView fleet;

    Dynamo(FleetView fleet) {
        this.fleet = fleet;
    }

    @Override
    public String name() {
        return "dynamo";
    }

    @Override
    public int choose(Candidates candidates) {
        int prompt = candidates.request().prompt().tokens();
        return Least.of(candidates, i -> {
            int slot = candidates.endpoint(i).slot();
            double tokens = fleet.bookedPrefillTokens(slot) + prompt - OVERLAP_CREDIT * fleet.cachedTokens(slot);
            double decode = fleet.tokensHeld(slot) + prompt - fleet.usedTokens(slot);
            return PREFILL_LOAD_SCALE * Math.max(0, tokens / BLOCK_TOKENS) + decode / BLOCK_TOKENS;
        });
    }
}
