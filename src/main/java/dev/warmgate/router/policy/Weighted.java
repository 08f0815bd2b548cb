package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;
import java.util.Arrays;

/**
 * Shares in proportion to the configured weights, spread evenly in time: nginx's smooth weighted round robin (each
 * choice adds every weight to its endpoint's credit, takes the largest credit and charges it the sum).
 */
public final class Weighted implements RoutingPolicy {
    private double[] credit = new double[16];

    @Override
    public String name() {
        return "weighted";
    }

    @Override
    public void forget(int slot) {
        if (slot < credit.length) {
            credit[slot] = 0;
        }
    }

    @Override
    public int choose(Candidates candidates) {
        int best = 0;
        double sum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            var endpoint = candidates.endpoint(i);
            if (endpoint.slot() >= credit.length) {
                credit = Arrays.copyOf(credit, endpoint.slot() * 2);
            }
            double weight = endpoint.spec().weight();
            sum += weight;
            credit[endpoint.slot()] += weight;
            if (credit[endpoint.slot()] > credit[candidates.endpoint(best).slot()]) {
                best = i;
            }
        }
        credit[candidates.endpoint(best).slot()] -= sum;
        return best;
    }
}
