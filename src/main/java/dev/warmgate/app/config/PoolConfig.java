package dev.warmgate.app.config;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.SourceSpec;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.router.PoolSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is configured about one pool.
 *
 * @param spec what the router needs
 * @param policy a name among {@link dev.warmgate.router.policy.Policies#names()}
 * @param engines the engine of each endpoint, by the endpoint's name
 * @param sources where more endpoints come from; if there are any, {@code spec} may have none
 * @param link how to get to the endpoints
 * @param links how to get to those endpoints that have settings of their own, by name
 */
public record PoolConfig(
        PoolSpec spec,
        String policy,
        Map<String, EngineKind> engines,
        List<SourceSpec> sources,
        LinkSettings link,
        Map<String, LinkSettings> links) {
    public PoolConfig {
        engines = Map.copyOf(engines);
        sources = List.copyOf(sources);
        links = Map.copyOf(links);
    }

    /** Returns for example {@code default (warm, 2 endpoints)}. */
    String summary() {
        return spec.name() + " (" + policy + ", "
                + GatewayConfig.count(spec.endpoints().size(), "endpoint")
                + sources.stream().map(source -> ", " + source.name()).collect(Collectors.joining()) + ")";
    }
}
