package dev.warmgate.router.admission;

import java.util.HashMap;
import java.util.Map;

/**
 * What all flows of a tenant share: its weight, so that inventing fairness ids does not buy more of the fleet. Owned by the
 * pool's lock.
 */
final class TenantShare {
    private final Map<Band, Integer> busyFlows = new HashMap<>(4);
    private double weight;

    TenantShare(double weight) {
        this.weight = weight;
    }

    double weight() {
        return weight;
    }

    void weight(double newWeight) {
        weight = newWeight;
    }

    /** Returns among how many flows of a band the weight is divided, at least 1. */
    int flowsOf(Band band) {
        return Math.max(1, busyFlows.getOrDefault(band, 0));
    }

    void begins(Band band) {
        busyFlows.merge(band, 1, Integer::sum);
    }

    /** Tells that a flow of a band has nothing waiting or in flight any more. */
    void ends(Band band) {
        busyFlows.computeIfPresent(band, (_, flows) -> flows == 1 ? null : flows - 1);
    }

    boolean idle() {
        return busyFlows.isEmpty();
    }
}
