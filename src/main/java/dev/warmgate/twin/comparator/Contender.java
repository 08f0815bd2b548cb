package dev.warmgate.twin.comparator;

import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.admission.AdmissionSettings;
import java.util.function.Function;

/**
 * A policy that can be simulated.
 *
 * @param name what people call it by
 * @param indexTokens how many tokens its approximate prefix index believes that an endpoint holds; 0 for what the
 *     endpoint says
 * @param sharedCache whether all endpoints see one endless cache: only the bound does
 * @param admission whether and how requests wait in the gateway
 * @param policy makes a new one for one gateway
 */
public record Contender(
        String name,
        long indexTokens,
        boolean sharedCache,
        AdmissionSettings admission,
        Function<FleetView, RoutingPolicy> policy) {
    /** Nothing waits. */
    private static final AdmissionSettings NONE = AdmissionSettings.DEFAULT.disabled();

    /** Creates one under which every request is sent at once. */
    public Contender(String name, long indexTokens, boolean sharedCache, Function<FleetView, RoutingPolicy> policy) {
        this(name, indexTokens, sharedCache, NONE, policy);
    }

    /** Returns the same policy behind a queue. */
    public Contender queueing(AdmissionSettings settings) {
        return new Contender(name, indexTokens, sharedCache, settings, policy);
    }
}
