package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Made.Part;
import dev.warmgate.engine.MonitorSettings;
import dev.warmgate.router.profile.ConcurrencyDetector;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.Filter.Comparison;
import dev.warmgate.router.profile.Filter.Condition;
import dev.warmgate.router.profile.Filter.LoadMetric;
import dev.warmgate.router.profile.UtilizationDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes filters of parameters. Confined to one thread. */
final class FilterMaker {
    private static final List<String> OPERATORS =
            List.of("LessThan", "LessThanOrEqual", "GreaterThan", "GreaterThanOrEqual", "Equal", "NotEqual");
    private static final List<String> METRICS =
            List.of("active-requests", "running-requests", "waiting-queue", "kv-cache-utilization");
    private static final String PREDICTOR = "latencyPredictor";
    private static final Duration METRICS_INTERVAL = MonitorSettings.DEFAULT.metricsInterval();

    private final PluginSet plugins;
    private final CustomMetrics metrics;

    FilterMaker(PluginSet plugins, CustomMetrics metrics) {
        this.plugins = plugins;
        this.metrics = metrics;
    }

    /** Returns what a type makes of its parameters; null if it is no filter. */
    @Nullable
    Made make(String type, Parameters p) {
        return switch (type) {
            case "label-selector-filter", "by-label-selector" ->
                filter(p, () -> new Filter.Labels(SelectorReader.read(p)));
            case "by-label" -> {
                String label = p.required("label", "a label");
                var values = new HashSet<>(p.texts("validValues"));
                boolean none = p.bool("allowsNoLabel", false);
                yield label == null ? Made.NOTHING : filter(p, () -> new Filter.Label(label, values, none));
            }
            case "decode-filter" -> plain(p, Filter.Stage.DECODE);
            case "prefill-filter" -> plain(p, Filter.Stage.PREFILL);
            case "encode-filter" -> plain(p, Filter.Stage.ENCODE);
            case "header-based-testing-filter" -> plain(p, Filter.NamedByHeader.TEST_SELECTION);
            case "prefix-cache-affinity-filter" -> prefixAffinity(p);
            case "endpoint-attribute-filter" -> attribute(p);
            case "utilization-filter" -> utilization(p);
            case PluginTypes.UTILIZATION -> utilizationDetector(p);
            case PluginTypes.CONCURRENCY -> concurrencyDetector(p);
            default -> null;
        };
    }

    private static Made plain(Parameters p, Filter filter) {
        p.ignoreAll();
        return Made.of(new Part.OfFilter(filter));
    }

    private static Made filter(Parameters p, Supplier<? extends Filter> maker) {
        var filter = PluginSet.attempt(p, maker);
        return filter == null ? Made.NOTHING : Made.of(new Part.OfFilter(filter));
    }

    private Made prefixAffinity(Parameters p) {
        var defaults = Filter.PrefixAffinity.DEFAULT;
        double threshold = p.number("affinityThreshold", defaults.affinityThreshold());
        double exploration = p.number("explorationProbability", defaults.explorationProbability());
        double penalty = p.number("maxTTFTPenaltyMs", defaults.maxTtftPenaltyMs());
        double throughput = p.number("peakPrefillThroughput", defaults.peakPrefillThroughput());
        String source = p.text("ttftSource", "prefillThroughput");
        p.ignored("latencyPredictionInfoProducerName");
        plugins.producer(
                p, "prefixMatchInfoProducerName", PluginTypes.APPROXIMATE_PREFIX, PluginMaker.PREFIX_PRODUCERS);
        plugins.producer(
                p, "inFlightLoadProducerName", PluginTypes.IN_FLIGHT_LOAD, List.of(PluginTypes.IN_FLIGHT_LOAD));
        if (source.equals(PREDICTOR)) {
            p.problem(
                    "ttftSource",
                    "\"" + PREDICTOR
                            + "\" is not supported (expected: prefillThroughput; or pools[].policy: warm, which"
                            + " predicts times to the first token itself)");
        } else if (!source.equals("prefillThroughput")) {
            p.unexpected("ttftSource", "prefillThroughput");
        }
        return filter(p, () -> new Filter.PrefixAffinity(threshold, exploration, penalty, throughput));
    }

    private Made attribute(Parameters p) {
        var metric = metrics.attribute(p, "attribute");
        boolean pass = p.choice("onMissing", List.of("Pass", "Fail")).equals("Pass");
        boolean fallback = p.bool("fallbackOnEmpty", false);
        var algorithm = p.object("algorithm");
        algorithm.choice("type", List.of("threshold"));
        var threshold = algorithm.object("threshold");
        String operator = threshold.required("operator", "one of " + String.join(", ", OPERATORS));
        double value = threshold.number("value", 0);
        if (operator != null && !OPERATORS.contains(operator)) {
            threshold.unexpected("operator", "one of " + String.join(", ", OPERATORS));
            return Made.NOTHING;
        }
        return metric == null || operator == null
                ? Made.NOTHING
                : filter(p, () -> new Filter.Attribute(metric, comparison(operator), value, pass, fallback));
    }

    private static Comparison comparison(String operator) {
        return switch (operator) {
            case "LessThan" -> Comparison.LESS_THAN;
            case "LessThanOrEqual" -> Comparison.LESS_THAN_OR_EQUAL;
            case "GreaterThan" -> Comparison.GREATER_THAN;
            case "GreaterThanOrEqual" -> Comparison.GREATER_THAN_OR_EQUAL;
            case "Equal" -> Comparison.EQUAL;
            default -> Comparison.NOT_EQUAL;
        };
    }

    private Made utilization(Parameters p) {
        var conditions = new ArrayList<@Nullable Condition>();
        var written = p.objects("conditions");
        for (var condition : written) {
            String metric = condition.required("metric", "one of " + String.join(", ", METRICS));
            double most = condition.number("maxValue", 0);
            if (metric != null && !METRICS.contains(metric)) {
                condition.unexpected("metric", "one of " + String.join(", ", METRICS));
            } else if (metric != null) {
                var which = metric(metric);
                conditions.add(PluginSet.attempt(condition, () -> new Condition(which, most)));
            }
        }
        boolean fallback = p.bool("fallbackOnEmpty", false);
        plugins.producer(
                p, "inFlightLoadProducerName", PluginTypes.IN_FLIGHT_LOAD, List.of(PluginTypes.IN_FLIGHT_LOAD));
        if (written.isEmpty()) {
            p.problem("conditions", "none (expected: at least one)");
        }
        var made = PluginSet.made(conditions);
        return made.isEmpty() ? Made.NOTHING : filter(p, () -> new Filter.Utilization(made, fallback));
    }

    private static LoadMetric metric(String name) {
        return switch (name) {
            case "active-requests" -> LoadMetric.ACTIVE_REQUESTS;
            case "running-requests" -> LoadMetric.RUNNING_REQUESTS;
            case "waiting-queue" -> LoadMetric.WAITING_QUEUE;
            default -> LoadMetric.KV_CACHE_UTILIZATION;
        };
    }

    private static Made utilizationDetector(Parameters p) {
        var defaults = UtilizationDetector.DEFAULT;
        int depth = p.integer("queueDepthThreshold", defaults.queueDepthThreshold());
        double kv = p.number("kvCacheUtilThreshold", defaults.kvCacheUtilThreshold());
        var staleness = p.find("metricsStalenessThreshold", GoDurations.EXPECTED, FlowControlParser::duration);
        double headroom = p.number("headroom", defaults.headroom());
        var threshold = staleness == null ? defaults.metricsStalenessThreshold() : staleness;
        if (!threshold.isPositive()) {
            p.unexpected("metricsStalenessThreshold", "above 0s");
            return Made.NOTHING;
        }
        var made = filter(p, () -> new UtilizationDetector(depth, kv, threshold, headroom));
        return threshold.compareTo(METRICS_INTERVAL) < 0
                ? made.with("engines are asked every " + METRICS_INTERVAL.toSeconds()
                        + " s here, so that most of what is known is older than " + GoDurations.write(threshold)
                        + ": the filter then lets all through")
                : made;
    }

    private Made concurrencyDetector(Parameters p) {
        var defaults = ConcurrencyDetector.DEFAULT;
        int most = p.integer("maxConcurrency", defaults.maxConcurrency());
        double headroom = p.number("headroom", defaults.headroom());
        String mode = p.choice("concurrencyMode", List.of("requests", "tokens", "hybrid"));
        long tokens = p.whole("maxTokenConcurrency", defaults.maxTokenConcurrency());
        plugins.producer(
                p, "inFlightLoadProducerName", PluginTypes.IN_FLIGHT_LOAD, List.of(PluginTypes.IN_FLIGHT_LOAD));
        var which = ConcurrencyDetector.Mode.valueOf(mode.toUpperCase(Locale.ROOT));
        return filter(p, () -> new ConcurrencyDetector(most, headroom, which, tokens));
    }
}
