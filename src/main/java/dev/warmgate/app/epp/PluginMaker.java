package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.Plugin;
import dev.warmgate.app.epp.Made.Part;
import dev.warmgate.app.epp.PluginType.Fate;
import dev.warmgate.app.text.NearestName;
import dev.warmgate.app.text.Quoted;
import dev.warmgate.router.profile.ApproximatePrefix;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.ProfileHandler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes of every plugin what it is here, or says why it cannot be. Used once; confined to one thread. */
final class PluginMaker {
    static final List<String> PREFIX_PRODUCERS =
            List.of(PluginTypes.APPROXIMATE_PREFIX, PluginTypes.PRECISE_PREFIX, "burst-prefix-cache-producer");

    private static final String ALPHA =
            "Alpha in the reference, which refuses it without --allow-experimental-plugins; no flag is needed here";

    private final PluginSet plugins;
    private final Problems problems;
    private final CustomMetrics metrics = new CustomMetrics();
    private final SessionMaker sessions = new SessionMaker();
    private final FilterMaker filters;
    private final ScorerMaker scorers;
    private final Map<String, Made> made = new HashMap<>();

    PluginMaker(PluginSet plugins, Problems problems) {
        this.plugins = plugins;
        this.problems = problems;
        this.filters = new FilterMaker(plugins, metrics);
        this.scorers = new ScorerMaker(plugins, metrics);
    }

    /** Makes all plugins, those that others add by needing them included; returns what became of them by name. */
    Map<String, Made> make() {
        // What others look things up in goes first.
        plugins.all().stream()
                .filter(plugin -> plugin.type().equals(PluginTypes.SESSION_ID)
                        || plugin.type().equals(PluginTypes.CORE_METRICS))
                .forEach(this::make);
        plugins.all().forEach(this::make);
        if ((plugins.has(PluginTypes.APPROXIMATE_PREFIX) || plugins.has(PluginTypes.IN_FLIGHT_LOAD))
                && !plugins.has("tokenizer")) {
            plugins.add(PluginTypes.TOKENS);
        }
        plugins.all().forEach(this::make); // those that were added meanwhile, which need nobody
        return Map.copyOf(made);
    }

    private void make(Plugin plugin) {
        if (made.containsKey(plugin.name())) {
            return;
        }
        var type = PluginTypes.named(plugin.type());
        if (type == null) {
            unknown(plugin);
            made.put(plugin.name(), Made.NOTHING);
            return;
        }
        var result = switch (type.fate()) {
            case Fate.Idle(String why) -> Made.idle(why);
            case Fate.Refused(String instead) -> {
                problems.add(
                        plugin.line(),
                        plugin.path() + ".type",
                        Quoted.of(plugin.type()) + " is not supported (nearest: " + instead + ")");
                yield Made.NOTHING;
            }
            case Fate.Takes() -> {
                var parameters =
                        new Parameters(plugin.parameters(), plugin.line(), plugin.path() + ".parameters", problems);
                var taken = take(plugin, parameters);
                parameters.end();
                yield taken;
            }
        };
        made.put(plugin.name(), type.alpha() && plugin.written() ? result.with(ALPHA) : result);
    }

    private void unknown(Plugin plugin) {
        if (plugin.type().isEmpty()) {
            return; // reported already
        }
        String nearest = NearestName.of(plugin.type(), PluginTypes.names());
        problems.add(
                plugin.line(),
                plugin.path() + ".type",
                Quoted.of(plugin.type()) + " is not known ("
                        + (nearest == null
                                ? "expected: a type that docs/endpoint-picker-config.md lists"
                                : "did you mean " + nearest + "?")
                        + ")");
    }

    private Made take(Plugin plugin, Parameters p) {
        return switch (plugin.type()) {
            case "session-affinity-filter", "multicluster-session-affinity-filter" -> {
                var affinity = sessions.affinity(p);
                yield affinity == null ? Made.NOTHING : Made.of(new Part.OfFilter(affinity));
            }
            case "session-affinity-scorer" -> {
                var affinity = sessions.affinity(p);
                yield affinity == null ? Made.NOTHING : Made.of(new Part.OfScorer(affinity));
            }
            case PluginTypes.SESSION_ID -> sessions.producer(plugin.name(), p);
            case PluginTypes.MAX_SCORE -> picker(p, Picker.Rule.MAX_SCORE);
            case "random-picker" -> picker(p, Picker.Rule.RANDOM);
            case "weighted-random-picker" -> picker(p, Picker.Rule.WEIGHTED_RANDOM);
            case PluginTypes.SINGLE_HANDLER -> {
                p.ignoreAll();
                yield Made.of(new Part.OfHandler(new ProfileHandler.Single()));
            }
            case PluginTypes.HEADER_HANDLER -> headerHandler(p);
            case PluginTypes.APPROXIMATE_PREFIX -> approximatePrefix(p);
            case PluginTypes.IN_FLIGHT_LOAD -> load(p);
            case PluginTypes.TOKENS, "tokenizer" -> tokens(p);
            case PluginTypes.METRICS_SOURCE -> metricsSource(p);
            case PluginTypes.CORE_METRICS -> metrics.read(p);
            case PluginTypes.AGENT_IDENTITY -> {
                p.texts("additionalSessionHeaders");
                yield Made.idle("a flow is a tenant, or with tenants[].fairnessIds what x-llm-d-inference-fairness-id"
                        + " names");
            }
            default -> {
                var filter = filters.make(plugin.type(), p);
                var scorer = filter == null ? scorers.make(plugin.type(), p) : filter;
                yield scorer == null ? FlowPolicies.make(plugin.type(), p) : scorer;
            }
        };
    }

    private static Made picker(Parameters p, Picker.Rule rule) {
        int most = p.integer("maxNumOfEndpoints", 1);
        var made = Made.of(new Part.OfPicker(new Picker(rule, most)));
        return most > 1 ? made.with("one is taken; picker.fallbacks names more, those with the fewest requests") : made;
    }

    private static Made headerHandler(Parameters p) {
        String header = p.text("headerName", ProfileHandler.ByHeader.DEFAULT.headerName());
        String profile = p.text("defaultProfile", ProfileHandler.ByHeader.DEFAULT.defaultProfile());
        var handler = PluginSet.attempt(p, () -> new ProfileHandler.ByHeader(header, profile));
        return handler == null ? Made.NOTHING : Made.of(new Part.OfHandler(handler));
    }

    private static Made approximatePrefix(Parameters p) {
        var defaults = ApproximatePrefix.DEFAULT;
        boolean tunes = p.bool("autoTune", true);
        int block = p.integer(p.has("blockSizeTokens") ? "blockSizeTokens" : "blockSize", 16);
        p.ignored("blockSizeTokens", "blockSize", "lruCapacityPerServer");
        int blocks = p.integer("maxPrefixBlocksToMatch", defaults.maxPrefixBlocksToMatch());
        int tokens = p.integer("maxPrefixTokensToMatch", defaults.maxPrefixTokensToMatch());
        if (!tunes && block <= 0) {
            p.unexpected("blockSizeTokens", "above 0, where autoTune is false");
            return Made.NOTHING;
        }
        var prefix = PluginSet.attempt(p, () -> new ApproximatePrefix(Math.max(0, block), Math.max(0, blocks), tokens));
        if (prefix == null) {
            return Made.NOTHING;
        }
        var made = Made.of(new Part.OfPrefix(prefix))
                .with("matches come from the pool's prefix index (pools[].indexBytes), which takes the size of each"
                        + " endpoint's cache from its engine");
        return p.has("lruCapacityPerServer") ? made.with("lruCapacityPerServer does not count") : made;
    }

    private Made load(Parameters p) {
        var defaults = InFlightLoad.DEFAULT;
        boolean answers = p.bool("addEstimatedOutputTokens", defaults.addEstimatedOutputTokens());
        double ratio = p.number("outputRatio", defaults.outputRatio());
        long most = p.whole("maxEstimatedOutputTokens", defaults.maxEstimatedOutputTokens());
        p.ignored("syncCrossReplicaState");
        String prefixes = p.text("prefixMatchInfoProducerName", "");
        if (!prefixes.isEmpty()) {
            plugins.producer(p, "prefixMatchInfoProducerName", PluginTypes.APPROXIMATE_PREFIX, PREFIX_PRODUCERS);
        }
        var load = PluginSet.attempt(p, () -> new InFlightLoad(answers, ratio, most));
        return load == null ? Made.NOTHING : Made.of(new Part.OfLoad(load));
    }

    private static Made tokens(Parameters p) {
        p.ignored("estimate", "modelName", "udsTokenizerConfig", "backend");
        p.object("vllm").ignored("url", "timeout", "mmTimeout");
        return Made.idle(
                p.has("vllm")
                        ? "prompts are read here, four bytes for a token; the server that would split them into tokens"
                                + " is not asked"
                        : "prompts are read here, four bytes for a token");
    }

    private static Made metricsSource(Parameters p) {
        String path = p.text("path", "/metrics");
        if (!path.equals("/metrics")) {
            p.unexpected("path", "/metrics");
        }
        if (p.has("port")) {
            p.unexpected("port", "none: metrics are read where requests go");
        }
        p.ignored(
                "scheme",
                "path",
                "port",
                "insecureSkipVerify",
                "caCertPath",
                "clientCertPath",
                "clientKeyPath",
                "interval");
        return Made.idle(
                "engines are asked every two seconds, with the scheme and certificates of pools[].endpoints[].url"
                        + " and pools[].tls");
    }
}
