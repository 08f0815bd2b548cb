package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** Any endpoint, with equal chances. */
public final class RandomChoice implements RoutingPolicy {
    @Override
    public String name() {
        return "random";
    }

    @Override
    public int choose(Candidates candidates) {
        return candidates.random().nextInt(candidates.size());
    }
}
