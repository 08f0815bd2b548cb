package dev.warmgate.app.config;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.FoundEndpoint;
import dev.warmgate.engine.discovery.Reading;
import dev.warmgate.engine.discovery.Scheme;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the file of endpoints of {@code pools[].discovery.file}: YAML or JSON with a list {@code endpoints}.
 *
 * <p>An entry that is wrong is left out and named with its line; the others count. Keys that are not known are ignored,
 * so that a file may be written for several readers. It may be the file of the Kubernetes project's endpoint picker: its
 * labels may say role and engine.
 */
public final class EndpointsFile {
    static final String ROLE_LABEL = "llm-d.ai/role";
    static final String ENGINE_LABEL = "llm-d.ai/engine-type";

    private static final String DEFAULT_NAMESPACE = "default";

    private static final List<Setting<?>> KEYS = new ArrayList<>();
    private static final Setting<String> NAME = add(Setting.withoutDefault(
            "endpoints[].name", ValueTypes.label(), Setting.REQUIRED, "Unique among endpoints."));
    private static final Setting<String> NAMESPACE =
            add(Setting.of("endpoints[].namespace", ValueTypes.label(), DEFAULT_NAMESPACE, "Put before the name."));
    private static final Setting<String> ADDRESS = add(Setting.withoutDefault(
            "endpoints[].address", NetworkTypes.host(), Setting.REQUIRED, "An IP address or a host name."));
    private static final Setting<Long> PORT = add(Setting.withoutDefault(
            "endpoints[].port", ValueTypes.integer(1, 65_535), Setting.REQUIRED, "Where the model server listens."));
    private static final Setting<Scheme> SCHEME = add(
            Setting.of("endpoints[].scheme", DiscoveryKeys.scheme(), Scheme.HTTP, "https for one that speaks TLS."));
    private static final Setting<String> SERVER_NAME = add(Setting.withoutDefault(
            "endpoints[].serverName",
            LinkKeys.hostName(),
            "that of the pool, or address",
            "The name that its certificate must have."));
    private static final Setting<EngineKind> ENGINE =
            add(Setting.withoutDefault("endpoints[].engine", Settings.ENGINE.type(), "auto", "What serves there."));
    private static final Setting<Double> WEIGHT =
            add(Setting.of("endpoints[].weight", Settings.WEIGHT.type(), 1.0, "Relative share."));
    private static final Setting<Role> ROLE =
            add(Setting.withoutDefault("endpoints[].role", Settings.ROLE.type(), "both", "What it does."));
    private static final Setting<String> LABEL = add(
            Setting.withoutDefault("endpoints[].labels.*", ValueTypes.text("a text"), "none", "Kubernetes labels."));

    private final String name;

    /** Creates a reader of a file; its name appears in messages. */
    public EndpointsFile(String name) {
        this.name = name;
    }

    /** Returns what a text says. */
    public Reading parse(String text) {
        var problems = new Problems();
        var tree = new YamlReader(name, problems).read(text);
        if (tree == null || problems.any()) {
            return new Reading.Failed(String.join("; ", problems.lines()));
        }
        var entry = tree instanceof Node.Mapping top ? top.entries().get("endpoints") : null;
        if (entry == null || !(entry.value() instanceof Node.Sequence list)) {
            return new Reading.Failed(name + ": no list of endpoints (expected: endpoints: [{name: …, address: …,"
                    + " port: …}], which may be empty)");
        }
        var found = new ArrayList<FoundEndpoint>();
        var names = new HashMap<String, String>();
        for (int i = 0; i < list.items().size(); i++) {
            var endpoint = endpoint(list.items().get(i), "endpoints[" + i + "]", names, problems);
            if (endpoint != null) {
                found.add(endpoint);
            }
        }
        return new Reading.Good(found, problems.lines());
    }

    private @Nullable FoundEndpoint endpoint(Node node, String path, Map<String, String> names, Problems allProblems) {
        var problems = new Problems();
        var section =
                new Section(node, node.origin(), path, new Placeholders(Map.of()), problems, EndpointsFile::keysBelow);
        var endpoint = section.written() ? endpoint(section, problems) : null;
        if (endpoint != null && !problems.any()) {
            String twin = names.putIfAbsent(endpoint.spec().name(), path);
            if (twin == null) {
                return endpoint;
            }
            problems.add(
                    node.origin(),
                    path,
                    Section.quote(endpoint.spec().name()) + " is also " + twin + " (expected: a unique name)");
        }
        allProblems.addAll(problems);
        return null;
    }

    private static @Nullable FoundEndpoint endpoint(Section section, Problems problems) {
        String name = section.require(NAME);
        String address = section.require(ADDRESS);
        Long port = section.require(PORT);
        String namespace = section.get(NAMESPACE);
        double weight = section.get(WEIGHT);
        var scheme = section.get(SCHEME);
        String serverName = section.find(SERVER_NAME);
        var engine = section.find(ENGINE);
        var role = section.find(ROLE);
        if (name == null || address == null || port == null || problems.any()) {
            return null;
        }
        var labels = section.section("labels").findEntries(LABEL);
        var spec = new EndpointSpec(
                namespace.equals(DEFAULT_NAMESPACE) ? name : namespace + "." + name,
                FoundEndpoint.address(scheme, address, Math.toIntExact(port)),
                weight,
                role != null ? role : role(labels.get(ROLE_LABEL)),
                ConfigParser.values(labels));
        return new FoundEndpoint(spec, engine != null ? engine : engine(labels.get(ENGINE_LABEL)), serverName);
    }

    /** Other roles, of several parts, can answer whole requests as far as this gateway is concerned. */
    private static Role role(Section.@Nullable Found<String> label) {
        return switch (label == null ? "" : label.value()) {
            case "prefill" -> Role.PREFILL;
            case "decode" -> Role.DECODE;
            case "encode" -> Role.ENCODE;
            default -> Role.BOTH;
        };
    }

    private static EngineKind engine(Section.@Nullable Found<String> label) {
        return switch (label == null ? "" : label.value()) {
            case "vllm" -> EngineKind.VLLM;
            case "sglang" -> EngineKind.SGLANG;
            default -> EngineKind.OTHER;
        };
    }

    private static Set<String> keysBelow(String path) {
        var keys = new LinkedHashSet<>(Settings.keysBelow(path, KEYS));
        if (path.equals("endpoints[]")) {
            keys.add(Settings.ANY);
        }
        return keys;
    }

    private static <T> Setting<T> add(Setting<T> setting) {
        KEYS.add(setting);
        return setting;
    }
}
