package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** What no router can pass: one endless cache shared by all endpoints, and the truth about their load. */
final class Bound implements RoutingPolicy {
    /*
     * cost_i = 2·U + U·B_i + 0.1·P_i·(B_i + 1)        the least wins, ties at random
     *
     * U uncached tokens, alike everywhere; P prompt tokens to be computed there first; B requests there. With nothing to
     * gain from any cache, only the queue and the batch are left to choose by.
     */
    private static final double QUEUE = 0.1;

    private final FleetView fleet;

    Bound(FleetView fleet) {
        this.fleet = fleet;
    }

    @Override
    public String name() {
        return "bound";
    }

    @Override
    public int choose(Candidates candidates) {
        int prompt = candidates.request().prompt().tokens();
        return Least.of(candidates, i -> {
            int slot = candidates.endpoint(i).slot();
            double uncached = Math.max(1, prompt - fleet.cachedTokens(slot));
            double batch = fleet.inFlight(slot);
            return 2 * uncached + uncached * batch + QUEUE * fleet.pendingPrefillTokens(slot) * (batch + 1);
        });
    }
}
