package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Made.Part;
import dev.warmgate.router.profile.ContextLength;
import dev.warmgate.router.profile.Scorer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes scorers of parameters. Confined to one thread. */
final class ScorerMaker {
    private static final int LOAD_AWARE_THRESHOLD = 128;

    private final PluginSet plugins;
    private final CustomMetrics metrics;

    ScorerMaker(PluginSet plugins, CustomMetrics metrics) {
        this.plugins = plugins;
        this.metrics = metrics;
    }

    /** Returns what a type makes of its parameters; null if it is no scorer. */
    @Nullable
    Made make(String type, Parameters p) {
        return switch (type) {
            case "queue-scorer" -> plain(p, new Scorer.Queue());
            case "running-requests-size-scorer" -> plain(p, new Scorer.RunningRequests());
            case "kv-cache-utilization-scorer" -> plain(p, new Scorer.KvCacheUtilization());
            case "lora-affinity-scorer" -> plain(p, new Scorer.LoraAffinity());
            case "load-aware-scorer" -> {
                int threshold = p.integer("threshold", LOAD_AWARE_THRESHOLD);
                yield scorer(p, () -> new Scorer.LoadAware(threshold));
            }
            case "prefix-cache-scorer" -> {
                prefixes(p);
                double weight = p.number("matchLengthWeight", Scorer.PrefixCache.DEFAULT.matchLengthWeight());
                int scale = p.integer("matchLengthScaleTokens", Scorer.PrefixCache.DEFAULT.matchLengthScaleTokens());
                yield scorer(p, () -> new Scorer.PrefixCache(weight, scale));
            }
            case "no-hit-lru-scorer" -> {
                prefixes(p);
                int size = p.integer("lruSize", Scorer.NoHitLru.DEFAULT.lruSize());
                yield scorer(p, () -> new Scorer.NoHitLru(size));
            }
            case "active-request-scorer" -> {
                load(p);
                p.ignored("requestTimeout");
                int idle = p.integer("idleThreshold", Scorer.ActiveRequests.DEFAULT.idleThreshold());
                double busy = p.number("maxBusyScore", Scorer.ActiveRequests.DEFAULT.maxBusyScore());
                yield scorer(p, () -> new Scorer.ActiveRequests(idle, busy));
            }
            case "token-load-scorer" -> {
                load(p);
                long tokens = p.whole("queueThresholdTokens", Scorer.TokenLoad.DEFAULT.queueThresholdTokens());
                yield scorer(p, () -> new Scorer.TokenLoad(tokens));
            }
            case "context-length-aware" -> {
                String label = p.text("label", ContextLength.DEFAULT_LABEL);
                boolean filters = p.bool("enableFiltering", false);
                var both = PluginSet.attempt(p, () -> new ContextLength(label, filters));
                yield both == null ? Made.NOTHING : Made.of(new Part.OfFilter(both), new Part.OfScorer(both));
            }
            case "header-label-affinity-scorer" -> {
                String header = p.required("headerName", "a header");
                String label = p.required("labelKey", "a label");
                yield header == null || label == null
                        ? Made.NOTHING
                        : scorer(p, () -> new Scorer.HeaderLabel(header, label));
            }
            case "endpoint-attribute-scorer" -> attribute(p);
            default -> null;
        };
    }

    private static Made plain(Parameters p, Scorer scorer) {
        p.ignoreAll();
        return Made.of(new Part.OfScorer(scorer));
    }

    private static Made scorer(Parameters p, Supplier<? extends Scorer> maker) {
        var scorer = PluginSet.attempt(p, maker);
        return scorer == null ? Made.NOTHING : Made.of(new Part.OfScorer(scorer));
    }

    private void prefixes(Parameters p) {
        plugins.producer(
                p, "prefixMatchInfoProducerName", PluginTypes.APPROXIMATE_PREFIX, PluginMaker.PREFIX_PRODUCERS);
    }

    private void load(Parameters p) {
        plugins.producer(
                p, "inFlightLoadProducerName", PluginTypes.IN_FLIGHT_LOAD, List.of(PluginTypes.IN_FLIGHT_LOAD));
    }

    private Made attribute(Parameters p) {
        var metric = metrics.attribute(p, "attributeKey");
        var algorithm = p.object("algorithm");
        boolean higher = algorithm
                .choice("type", List.of("linear_lower_is_better", "linear_higher_is_better"))
                .equals("linear_higher_is_better");
        var normalization = algorithm.object("normalization");
        boolean fixed = normalization.has("fixedRange");
        normalization.object("adaptiveRange");
        var range = normalization.object("fixedRange");
        double min = range.number("min", 0);
        double max = range.number("max", 0);
        var between =
                fixed ? PluginSet.attempt(range, () -> new Scorer.Range.Fixed(min, max)) : new Scorer.Range.Adaptive();
        return metric == null || between == null
                ? Made.NOTHING
                : scorer(p, () -> new Scorer.Attribute(metric, higher, between));
    }
}
