package dev.warmgate.router;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is configured about one pool.
 *
 * @param name unique; used in metrics and logs
 * @param endpoints with names of their own; may be none, then nothing can be routed
 * @param models model names that this pool serves whatever its endpoints say; may be empty
 * @param health when endpoints are ejected
 * @param kvCapacityTokens KV cache of one endpoint in tokens, assumed until the engine tells
 * @param indexBytes upper bound of the prefix index's memory
 * @param maxInFlight requests that may be in flight at one endpoint, at least 1
 */
public record PoolSpec(
        String name,
        List<EndpointSpec> endpoints,
        Set<String> models,
        HealthPolicy health,
        long kvCapacityTokens,
        long indexBytes,
        int maxInFlight) {
    /** KV cache of a common deployment (a 32B model in BF16 on two 80 GB GPUs). */
    public static final long DEFAULT_KV_CAPACITY_TOKENS = 300_000;

    /** 64 MiB: about two million blocks. */
    public static final long DEFAULT_INDEX_BYTES = 64L << 20;

    /** As many requests as there are. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Endpoints a pool can have. */
    public static final int MAX_ENDPOINTS = 1_000;

    public PoolSpec {
        endpoints = List.copyOf(endpoints);
        models = Set.copyOf(models);
        if (endpoints.size() > MAX_ENDPOINTS) {
            throw new IllegalArgumentException(
                    "endpoints: " + endpoints.size() + " (expected: at most " + MAX_ENDPOINTS + ")");
        }
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("maxInFlight: " + maxInFlight + " (expected: at least 1)");
        }
        var names = new HashSet<String>();
        for (var endpoint : endpoints) {
            if (!names.add(endpoint.name())) {
                throw new IllegalArgumentException("endpoints: " + endpoint.name() + " twice (expected: once)");
            }
        }
    }

    /** Creates a specification without a limit of requests in flight. */
    public PoolSpec(
            String name,
            List<EndpointSpec> endpoints,
            Set<String> models,
            HealthPolicy health,
            long kvCapacityTokens,
            long indexBytes) {
        this(name, endpoints, models, health, kvCapacityTokens, indexBytes, UNLIMITED);
    }

    /** Returns a pool with default health, cache and index settings. */
    public static PoolSpec of(String name, List<EndpointSpec> endpoints) {
        return new PoolSpec(
                name, endpoints, Set.of(), HealthPolicy.DEFAULT, DEFAULT_KV_CAPACITY_TOKENS, DEFAULT_INDEX_BYTES);
    }
}
