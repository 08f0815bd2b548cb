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
 */
public record Overrides(
        String command,
        List<String> endpoints,
        @Nullable String http,
        @Nullable String admin,
        @Nullable String policy,
        @Nullable String accessLog) {
    /** Nothing is overridden. */
    public static final Overrides NONE = new Overrides("", List.of(), null, null, null, null);

    public Overrides {
        endpoints = List.copyOf(endpoints);
    }

    Node applyTo(Node tree) {
        if (!(tree instanceof Mapping top)) {
            return tree;
        }
        top = withEndpoints(top);
        top = withListener(top, "http", "--listen", http);
        top = withListener(top, "admin", "--admin", admin);
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
