package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** The less loaded of two different endpoints drawn at random (Mitzenmacher, "The Power of Two Choices", 2001). */
public final class PowerOfTwo implements RoutingPolicy {
    @Override
    public String name() {
        return "power-of-two";
    }

    @Override
    public int choose(Candidates candidates) {
        int n = candidates.size();
        if (n == 1) {
            return 0;
        }
        int a = candidates.random().nextInt(n);
        int b = candidates.random().nextInt(n - 1);
        if (b >= a) {
            b++;
        }
        return candidates.endpoint(b).requests() < candidates.endpoint(a).requests() ? b : a;
    }
}
