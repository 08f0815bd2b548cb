package dev.warmgate.app.config;

import static java.util.Objects.requireNonNull;

import dev.warmgate.app.epp.EndpointPickerConfig;
import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.SourceSpec;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.policy.Policies;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is configured about one pool.
 *
 * @param spec what the router needs
 * @param policy a name among {@link Policies#names()}, or {@code epp:FILE}
 * @param chain what that file says, or null for a policy by name
 * @param engines the engine of each endpoint, by the endpoint's name
 * @param sources where more endpoints come from; if there are any, {@code spec} may have none
 * @param link how to get to the endpoints
 * @param links how to get to those endpoints that have settings of their own, by name
 */
public record PoolConfig(
        PoolSpec spec,
        String policy,
        @Nullable EndpointPickerConfig chain,
        Map<String, EngineKind> engines,
        List<SourceSpec> sources,
        LinkSettings link,
        Map<String, LinkSettings> links) {
    private static final String PICKER_FILE = "epp:";

    public PoolConfig {
        engines = Map.copyOf(engines);
        sources = List.copyOf(sources);
        links = Map.copyOf(links);
    }

    /** A pool whose policy has a name. */
    public PoolConfig(
            PoolSpec spec,
            String policy,
            Map<String, EngineKind> engines,
            List<SourceSpec> sources,
            LinkSettings link,
            Map<String, LinkSettings> links) {
        this(spec, policy, null, engines, sources, link, links);
    }

    /** Returns the file that a policy names as {@code epp:FILE}, or null. */
    static @Nullable String pickerFile(String policy) {
        return policy.startsWith(PICKER_FILE) && policy.length() > PICKER_FILE.length()
                ? policy.substring(PICKER_FILE.length())
                : null;
    }

    /** Returns a policy of its kind that knows nothing yet. */
    public RoutingPolicy newPolicy() {
        return chain != null
                ? chain.policy()
                : requireNonNull(Policies.create(policy), "the policy's name was checked");
    }

    /** Returns for example {@code default (warm, 2 endpoints)}, or the sources of endpoints where it has none of its own. */
    String summary() {
        int own = spec.endpoints().size();
        return own == 0 && !sources.isEmpty() ? spec.name() + " (" + policy + fromSources() + ")" : summary(own);
    }

    /** Returns for example {@code default (warm, 2 endpoints, file endpoints.yaml)}. */
    String summary(int endpoints) {
        return spec.name() + " (" + policy + ", " + GatewayConfig.count(endpoints, "endpoint") + fromSources() + ")";
    }

    private String fromSources() {
        return sources.stream().map(source -> ", " + source.name()).collect(Collectors.joining());
    }
}
