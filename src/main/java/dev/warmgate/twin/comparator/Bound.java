package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** What no router can pass: one endless cache shared by all endpoints, and the truth about their load. */
final class Bound implements RoutingPolicy {
    /*
     * cost_i = P_i·a + H_i·b        the least wins, ties at random
     *
     * P prompt tokens that the endpoint must compute first; H tokens that its requests hold, which every step reads. As
     * all endpoints find the same tokens in the shared cache, only the queue and the batch are left to choose by: by far
     * the queue first. a and b are a 32B model's seconds on two H100, per token computed and per token of context; of the
     * ways tried (least in flight, least held, products of both with P) none came lower on any reference workload.
     */
    private static final double SECONDS_PER_PENDING_TOKEN = 60e-6;
    private static final double SECONDS_PER_HELD_TOKEN = 48e-9;

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
        return Least.of(candidates, i -> {
            int slot = candidates.endpoint(i).slot();
            return SECONDS_PER_PENDING_TOKEN * fleet.pendingPrefillTokens(slot)
                    + SECONDS_PER_HELD_TOKEN * fleet.tokensHeld(slot);
        });
    }
}
