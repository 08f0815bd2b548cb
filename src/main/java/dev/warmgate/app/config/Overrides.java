package dev.warmgate.app.config;

import dev.warmgate.app.config.Node.Mapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says: replaces or adds values before anything is checked, so that options and file obey the
 * same rules.
 *
 * @param command for messages, for example {@code warmgate serve}
 * @param endpoints replace all pools by one, unless empty
 * @param http or null
 * @param admin or null
 * @param policy for all pools, or null
 * @param accessLog or null
 * @param picker for the door for gateways, or null
 */
public record Overrides(
        String command,
        List<String> endpoints,
        @Nullable String http,
        @Nullable String admin,
        @Nullable String policy,
        @Nullable String accessLog,
        @Nullable OfPicker picker) {
    /**
     * What the command line says about the door for gateways.
     *
     * @param endpointsFile replaces all pools by one whose endpoints are found there; or null
     * @param listen or null
     * @param health or null
     * @param fallbacks or null
     * @param selfSigned replaces what the file says about TLS: a certificate made at the start, or no TLS; or null
     */
    public record OfPicker(
            @Nullable String endpointsFile,
            @Nullable String listen,
            @Nullable String health,
            @Nullable String fallbacks,
            @Nullable Boolean selfSigned) {}

    /** Nothing is overridden. */
    public static final Overrides NONE = new Overrides("", List.of(), null, null, null, null);

    public Overrides {
        endpoints = List.copyOf(endpoints);
    }

    /** Says nothing about the door for gateways. */
    public Overrides(
            String command,
            List<String> endpoints,
            @Nullable String http,
            @Nullable String admin,
            @Nullable String policy,
            @Nullable String accessLog) {
        this(command, endpoints, http, admin, policy, accessLog, null);
    }

    /** Returns the same with a door for gateways. */
    public Overrides withPicker(OfPicker door) {
        return new Overrides(command, endpoints, http, admin, policy, accessLog, door);
    }

    Node applyTo(Node tree) {
        if (!(tree instanceof Mapping top)) {
            return tree;
        }
        top = withEndpoints(top);
        top = withListener(top, "http", "--listen", http);
        top = withListener(top, "admin", "--admin", admin);
        top = picker == null ? top : withPicker(top, picker);
        top = withPolicy(top);
        return accessLog == null ? top : top.with("accessLog", Node.scalar(option("--access-log"), accessLog));
    }

    private Mapping withEndpoints(Mapping top) {
        if (endpoints.isEmpty()) {
            return top;
        }
        var origin = option("--endpoint");
        Node pool = Node.mapping(origin, Map.of("endpoints", Node.sequence(origin, endpoints)));
        return top.with("pools", new Node.Sequence(origin, List.of(pool)));
    }

    private Mapping withPicker(Mapping top, OfPicker door) {
        var written = top.entries().get("picker");
        var section = written != null && written.value() instanceof Mapping mapping
                ? mapping
                : new Mapping(option("--listen"), new LinkedHashMap<>());
        section = with(section, "listen", "--listen", door.listen);
        section = with(section, "health", "--health", door.health);
        section = with(section, "fallbacks", "--fallbacks", door.fallbacks);
        section = door.selfSigned == null ? section : section.with("tls", tls(door.selfSigned));
        var all = top.with("picker", section);
        if (door.endpointsFile == null) {
            return all;
        }
        var origin = option("--endpoints-file");
        var file = new Mapping(origin, new LinkedHashMap<>()).with("path", Node.scalar(origin, door.endpointsFile));
        Node pool = Node.mapping(origin, Map.of("discovery", Node.mapping(origin, Map.of("file", file))));
        return all.with("pools", new Node.Sequence(origin, List.of(pool)));
    }

    private Node tls(boolean selfSigned) {
        var origin = option("--tls");
        return Node.mapping(origin, Map.of("selfSigned", Node.scalar(origin, Boolean.toString(selfSigned))));
    }

    private Mapping with(Mapping section, String key, String option, @Nullable String value) {
        return value == null ? section : section.with(key, Node.scalar(option(option), value));
    }

    private Mapping withListener(Mapping top, String key, String option, @Nullable String value) {
        if (value == null) {
            return top;
        }
        var listeners = top.entries().get("listeners");
        var section = listeners != null && listeners.value() instanceof Mapping written
                ? written
                : new Mapping(option(option), new LinkedHashMap<>());
        return top.with("listeners", section.with(key, Node.scalar(option(option), value)));
    }

    private Mapping withPolicy(Mapping top) {
        var pools = top.entries().get("pools");
        if (policy == null || pools == null || !(pools.value() instanceof Node.Sequence list)) {
            return top;
        }
        var changed = list.items().stream()
                .map(item -> item instanceof Mapping pool
                        ? pool.with("policy", Node.scalar(option("--policy"), policy))
                        : item)
                .toList();
        return top.with("pools", new Node.Sequence(list.origin(), changed));
    }

    private Origin option(String name) {
        return new Origin.Option(command, name);
    }
}
