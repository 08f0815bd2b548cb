package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** LMetric: two indicators, multiplied. */
final class LMetric implements RoutingPolicy {
    /*
     * cost_i = U_i · B_i        the least wins, ties at random
     *
     * U uncached tokens of this request, with exact KV events; B the batch it would be part of, itself included, so that
     * an idle endpoint does not make any prefill free. There is nothing to tune, and nothing about a queue.
     *
     * Source: Zhang et al., "LMetric: Simple is Better - Multiplication May Be All You Need for LLM Request Scheduling",
     * arXiv 2603.15202.
     */
    private final FleetView fleet;

    LMetric(FleetView fleet) {
        this.fleet = fleet;
    }

    @Override
    public String name() {
        return "lmetric";
    }

    @Override
    public int choose(Candidates candidates) {
        int prompt = candidates.request().prompt().tokens();
        return Least.of(candidates, i -> {
            var endpoint = candidates.endpoint(i);
            double uncached = Math.max(0, prompt - fleet.cachedTokens(endpoint.slot()));
            return uncached * (endpoint.inFlight() + 1.0);
        });
    }
}
