package dev.warmgate.app.config;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.proxy.RetryRules;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.PoolSpec;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds a {@link GatewayConfig} from a tree. Used once; confined to one thread. */
final class ConfigParser {
    private final Problems problems;
    private final Map<String, String> environment;
    private final Placeholders placeholders;
    private final LinkParser links;
    private final PickerFiles pickerFiles;

    /** Where each name was first used; pools and endpoints have name spaces of their own. */
    private final Map<String, String> poolNames = new HashMap<>();

    private final Map<String, String> endpointNames = new HashMap<>();

    ConfigParser(Map<String, String> environment, Problems problems) {
        this.environment = environment;
        this.placeholders = new Placeholders(environment);
        this.problems = problems;
        this.links = new LinkParser(problems);
        this.pickerFiles = new PickerFiles(problems);
    }

    /** Returns the configuration; meaningless if there are problems afterwards. */
    GatewayConfig parse(Node root) {
        var top = new Section(root, root.origin(), "", placeholders, problems);
        var listeners = listeners(top.section("listeners"));
        var health = top.section("health");
        var quotas = new QuotaParser(problems);
        var tenancyParser = new TenancyParser(problems, quotas);
        var tenancy = tenancyParser.parse(top);
        return new GatewayConfig(
                listeners,
                picker(top.section("picker")),
                pools(top, healthPolicy(health)),
                top.section("routing").find(Settings.PROMPT_SECRET),
                timeouts(top.section("timeouts")),
                limits(top.section("limits")),
                health.get(Settings.CHECK_INTERVAL),
                health.find(Settings.GENERATE_INTERVAL),
                new RewriteParser(problems).parse(top),
                tenancy,
                new JwtParser(problems).parse(top, tenancyParser.names()),
                quotas.parse(top.section("quotas")),
                pickerFiles.admission(top.section("admission")),
                top.get(Settings.USAGE),
                Set.copyOf(top.findAll(Settings.OPEN_PATH)),
                top.get(Settings.ACCESS_LOG),
                new TracingParser(problems).parse(top.section("tracing")));
    }

    private Listeners listeners(Section section) {
        var http = section.get(Settings.HTTP);
        var admin = section.get(Settings.ADMIN);
        var listeners = new Listeners(
                http,
                new TlsParser(Settings.TLS, problems).parse(section.section("tls")),
                admin,
                new AdminTokens(environment, problems).parse(section, admin),
                section.findAll(Settings.TRUSTED_PROXY),
                section.get(Settings.TRUSTED),
                section.get(Settings.PROXY_PROTOCOL));
        if (listeners.http().equals(listeners.admin()) && listeners.http().getPort() != 0) {
            problems.add(
                    section.origin(Settings.ADMIN),
                    section.path(Settings.ADMIN),
                    Section.quote(ValueTypes.write(listeners.admin()))
                            + " is also listeners.http (expected: an address of its own)");
        }
        if (listeners.trusted() && !listeners.trustedProxies().isEmpty()) {
            problems.add(
                    section.origin(Settings.TRUSTED),
                    section.path(Settings.TRUSTED),
                    "true next to trustedProxies (expected: one of the two: all clients are trusted, or those listed)");
        }
        return listeners;
    }

    private @Nullable PickerConfig picker(Section section) {
        return section.written()
                ? new PickerConfig(
                        section.get(PickerKeys.LISTEN),
                        section.find(PickerKeys.HEALTH),
                        TlsParser.picker(section.section("tls"), problems),
                        Math.toIntExact(section.get(PickerKeys.FALLBACKS)),
                        section.get(PickerKeys.FAIL_OPEN),
                        section.get(PickerKeys.CONFORMANCE))
                : null;
    }

    private static Timeouts timeouts(Section section) {
        return new Timeouts(
                section.get(Settings.CONNECT),
                section.get(Settings.FIRST_BYTE),
                section.get(Settings.IDLE),
                section.get(Settings.HEADER_READ),
                section.get(Settings.REQUEST_READ),
                section.get(Settings.WRITE),
                section.get(Settings.KEEP_ALIVE),
                section.get(Settings.UPSTREAM_IDLE),
                section.get(Settings.DRAIN));
    }

    private static Limits limits(Section section) {
        return new Limits(
                Math.toIntExact(section.get(Settings.MAX_BODY)),
                Math.toIntExact(section.get(Settings.MAX_HEADER)),
                Math.toIntExact(section.get(Settings.MAX_REQUESTS_PER_CONNECTION)),
                ClientLimitKeys.read(section),
                new RetryRules(
                        Math.toIntExact(section.get(Settings.RETRIES)),
                        section.get(Settings.RETRY_SHARE),
                        Math.toIntExact(section.get(Settings.LEAST_RETRIES))),
                section.get(Settings.QUARANTINE));
    }

    private HealthPolicy healthPolicy(Section section) {
        var first = section.get(Settings.FIRST_EJECTION);
        var longest = section.get(Settings.LONGEST_EJECTION);
        if (longest.compareTo(first) < 0) {
            problems.add(
                    section.origin(Settings.LONGEST_EJECTION),
                    section.path(Settings.LONGEST_EJECTION),
                    Section.quote(ValueTypes.write(longest)) + " (expected: at least health.firstEjection, "
                            + ValueTypes.write(first) + ")");
            longest = first;
        }
        return new HealthPolicy(
                Math.toIntExact(section.get(Settings.CONSECUTIVE_FAILURES)),
                section.get(Settings.FAILURE_SHARE),
                first,
                longest,
                section.get(Settings.SLOW_START),
                section.get(Settings.PANIC_THRESHOLD));
    }

    private List<PoolConfig> pools(Section top, HealthPolicy health) {
        var nodes = top.list("pools", "pools");
        var pools = new ArrayList<PoolConfig>();
        if (nodes == null || !top.written()) {
            return pools;
        }
        if (nodes.isEmpty()) {
            problems.add(top.origin(), "pools", "none (expected: at least pools: [{endpoints: [http://…]}])");
        }
        for (int i = 0; i < nodes.size(); i++) {
            var node = nodes.get(i);
            var pool = pool(new Section(node, node.origin(), "pools[" + i + "]", placeholders, problems), health);
            if (pool != null) {
                pools.add(pool);
            }
        }
        return pools;
    }

    private @Nullable PoolConfig pool(Section section, HealthPolicy health) {
        String name = section.get(Settings.POOL_NAME);
        unique(poolNames, name, section.origin(Settings.POOL_NAME), section.path(Settings.POOL_NAME));
        String policy = section.get(Settings.POLICY);
        var chain = pickerFiles.read(section, policy);
        var models = Set.copyOf(section.findAll(Settings.MODEL));
        long kvCapacity = section.get(Settings.KV_CAPACITY);
        long indexBytes = section.get(Settings.INDEX_BYTES);
        Long limit = section.find(Settings.MAX_IN_FLIGHT);
        Integer chainLimit = chain == null ? null : chain.maxInFlight();
        int otherwise = chainLimit == null ? PoolSpec.UNLIMITED : chainLimit;
        int maxInFlight = limit == null ? otherwise : Math.toIntExact(limit);
        var engines = new LinkedHashMap<String, EngineKind>();
        var discovery = section.section("discovery");
        var sources = new DiscoveryParser(problems).parse(discovery);
        var link = links.pool(section);
        var ownLinks = new LinkedHashMap<String, LinkSettings>();
        var endpoints = endpoints(section, engines, discovery.written(), link, ownLinks);
        return endpoints.isEmpty() && sources.isEmpty()
                ? null
                : new PoolConfig(
                        new PoolSpec(name, endpoints, models, health, kvCapacity, indexBytes, maxInFlight),
                        policy,
                        chain,
                        engines,
                        sources,
                        link,
                        ownLinks);
    }

    private List<EndpointSpec> endpoints(
            Section pool,
            Map<String, EngineKind> engines,
            boolean mayBeNone,
            LinkSettings link,
            Map<String, LinkSettings> ownLinks) {
        var nodes = pool.list("endpoints", "URLs, or of keys url, name, engine, weight, role, …");
        if (nodes == null) {
            return List.of();
        }
        String path = pool.below("endpoints");
        if ((nodes.isEmpty() && !mayBeNone) || nodes.size() > PoolSpec.MAX_ENDPOINTS) {
            problems.add(
                    pool.origin(), path, nodes.size() + " endpoints (expected: 1 to " + PoolSpec.MAX_ENDPOINTS + ")");
            return List.of();
        }
        var endpoints = new ArrayList<EndpointSpec>();
        var addresses = new HashMap<URI, String>();
        for (int i = 0; i < nodes.size(); i++) {
            var endpoint = endpoint(nodes.get(i), path + "[" + i + "]", addresses, engines, link, ownLinks);
            if (endpoint != null) {
                endpoints.add(endpoint);
            }
        }
        return endpoints;
    }

    private @Nullable EndpointSpec endpoint(
            Node node,
            String path,
            Map<URI, String> addresses,
            Map<String, EngineKind> engines,
            LinkSettings link,
            Map<String, LinkSettings> ownLinks) {
        // The short form, a URL alone, means the key url.
        var keys = node instanceof Node.Scalar ? Node.mapping(node.origin(), Map.of("url", node)) : node;
        var section = new Section(keys, node.origin(), path, placeholders, problems);
        var url = section.require(Settings.URL);
        String written = section.find(Settings.ENDPOINT_NAME);
        var engine = section.get(Settings.ENGINE);
        double weight = section.get(Settings.WEIGHT);
        var role = section.get(Settings.ROLE);
        var ownLink = links.endpoint(section, link);
        if (url == null) {
            return null;
        }
        String twin = addresses.putIfAbsent(url, path);
        if (twin != null) {
            problems.add(
                    section.origin(Settings.URL),
                    section.path(Settings.URL),
                    Section.quote(url.toString()) + " is also " + twin + " (expected: each server once in a pool)");
            return null;
        }
        String name = written == null ? url.getAuthority() : written;
        unique(endpointNames, name, section.origin(Settings.ENDPOINT_NAME), section.path(Settings.ENDPOINT_NAME));
        engines.put(name, engine);
        if (ownLink != null) {
            ownLinks.put(name, ownLink);
        }
        var labels = values(section.section("labels").findEntries(Settings.LABEL));
        return new EndpointSpec(name, url, weight, role, labels);
    }

    static Map<String, String> values(Map<String, Section.Found<String>> entries) {
        var values = new HashMap<String, String>();
        entries.forEach((key, found) -> values.put(key, found.value()));
        return values;
    }

    private void unique(Map<String, String> names, String name, Origin origin, String path) {
        String first = names.putIfAbsent(name, path);
        if (first != null) {
            problems.add(origin, path, Section.quote(name) + " is also " + first + " (expected: a unique name)");
        }
    }
}
