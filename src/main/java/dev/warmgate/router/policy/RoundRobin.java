package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** One endpoint after the other; those that cannot take the request are skipped. */
public final class RoundRobin implements RoutingPolicy {
    private int last = -1;

    @Override
    public String name() {
        return "round-robin";
    }

    @Override
    public int choose(Candidates candidates) {
        int next = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.endpoint(i).slot() > last) {
                next = i;
                break;
            }
        }
        last = candidates.endpoint(next).slot();
        return next;
    }
}
