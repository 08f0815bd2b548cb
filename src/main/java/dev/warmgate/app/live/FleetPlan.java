package dev.warmgate.app.live;

import dev.warmgate.app.config.PoolConfig;
import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.FoundEndpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.PoolSpec;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which endpoints every pool shall have, from what is configured and what its sources found. Immutable.
 *
 * <p>Names are unique in the fleet and addresses in a pool. The configuration goes first, then sources in its order; what
 * comes later under a name that is taken is left out and named.
 *
 * @param members the endpoints of each pool by its name
 * @param engines the engine of each endpoint by its name
 * @param serverNames the names that certificates must have, by endpoint, where sources say them
 * @param origins where each endpoint comes from, by its name
 * @param problems endpoints that are left out, and why
 */
record FleetPlan(
        Map<String, List<EndpointSpec>> members,
        Map<String, EngineKind> engines,
        Map<String, String> serverNames,
        Map<String, String> origins,
        List<String> problems) {
    static final String CONFIGURED = "configuration";

    FleetPlan {
        members = Map.copyOf(members);
        engines = Map.copyOf(engines);
        serverNames = Map.copyOf(serverNames);
        origins = Map.copyOf(origins);
        problems = List.copyOf(problems);
    }

    /** Endpoints that one source of a pool found. */
    record Found(String source, List<FoundEndpoint> endpoints) {
        Found {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * Makes a plan.
     *
     * @param found what the sources of each pool found, in configured order
     */
    static FleetPlan of(List<PoolConfig> pools, Map<String, List<Found>> found) {
        var plan = new Maker();
        pools.forEach(plan::addConfigured);
        for (var pool : pools) {
            for (var source : found.getOrDefault(pool.spec().name(), List.of())) {
                source.endpoints().forEach(endpoint -> plan.add(pool.spec().name(), source.source(), endpoint));
            }
        }
        return new FleetPlan(plan.members, plan.engines, plan.serverNames, plan.origins, plan.problems);
    }

    private static final class Maker {
        private final Map<String, List<EndpointSpec>> members = new LinkedHashMap<>();
        private final Map<String, Set<URI>> addresses = new HashMap<>();
        private final Map<String, EngineKind> engines = new HashMap<>();
        private final Map<String, String> serverNames = new HashMap<>();
        private final Map<String, String> origins = new HashMap<>();
        private final List<String> problems = new ArrayList<>();

        void addConfigured(PoolConfig pool) {
            String name = pool.spec().name();
            members.put(name, new ArrayList<>(pool.spec().endpoints()));
            var taken = addresses.computeIfAbsent(name, _ -> new HashSet<>());
            for (var endpoint : pool.spec().endpoints()) {
                taken.add(endpoint.address());
                engines.put(endpoint.name(), pool.engines().getOrDefault(endpoint.name(), EngineKind.OTHER));
                origins.put(endpoint.name(), CONFIGURED);
            }
        }

        void add(String pool, String source, FoundEndpoint endpoint) {
            var spec = endpoint.spec();
            var list = members.getOrDefault(pool, List.of());
            if (addresses.getOrDefault(pool, Set.of()).contains(spec.address())) {
                return; // the same server, known already
            }
            String what = pool + ": " + source + ": " + spec.name() + " at " + spec.address();
            if (engines.containsKey(spec.name())) {
                problems.add(what + ": another endpoint has this name (expected: a unique name)");
            } else if (list.size() >= PoolSpec.MAX_ENDPOINTS) {
                problems.add(what + ": the pool is full (expected: at most " + PoolSpec.MAX_ENDPOINTS + " endpoints)");
            } else {
                list.add(spec);
                addresses.computeIfAbsent(pool, _ -> new HashSet<>()).add(spec.address());
                engines.put(spec.name(), endpoint.engine());
                origins.put(spec.name(), source);
                if (endpoint.serverName() != null) {
                    serverNames.put(spec.name(), endpoint.serverName());
                }
            }
        }
    }
}
