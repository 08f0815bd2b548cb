package dev.warmgate.twin.comparator;

import dev.warmgate.router.RoutingPolicy;
import java.util.function.Function;

/**
 * A policy that can be simulated.
 *
 * @param name what people call it by
 * @param indexTokens how many tokens its approximate prefix index believes that an endpoint holds; 0 for what the
 *     endpoint says
 * @param sharedCache whether all endpoints see one endless cache: only the bound does
 * @param policy makes a new one for one gateway
 */
public record Contender(
        String name, long indexTokens, boolean sharedCache, Function<FleetView, RoutingPolicy> policy) {}
