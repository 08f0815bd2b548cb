package dev.warmgate.app.config;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.router.PoolSpec;
import java.util.Map;

/**
 * What is configured about one pool.
 *
 * @param spec what the router needs
 * @param policy a name among {@link dev.warmgate.router.policy.Policies#names()}
 * @param engines the engine of each endpoint, by the endpoint's name
 */
public record PoolConfig(PoolSpec spec, String policy, Map<String, EngineKind> engines) {
    public PoolConfig {
        engines = Map.copyOf(engines);
    }

    /** Returns for example {@code default (warm, 2 endpoints)}. */
    String summary() {
        return spec.name() + " (" + policy + ", "
                + GatewayConfig.count(spec.endpoints().size(), "endpoint") + ")";
    }
}
