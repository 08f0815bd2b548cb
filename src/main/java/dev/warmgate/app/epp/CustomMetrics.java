package dev.warmgate.app.epp;

import dev.warmgate.router.profile.CoreMetric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes that {@code core-metrics-extractor}s make of engine metrics. Only those are read here that every engine's
 * load is known by anyway; an attribute is another name for one of them.
 */
final class CustomMetrics {
    private static final Map<String, CoreMetric> KNOWN = Map.of(
            "vllm:num_requests_waiting", CoreMetric.WAITING,
            "sglang:num_queue_reqs", CoreMetric.WAITING,
            "vllm:num_requests_running", CoreMetric.RUNNING,
            "sglang:num_running_reqs", CoreMetric.RUNNING,
            "vllm:kv_cache_usage_perc", CoreMetric.KV_USAGE,
            "vllm:gpu_cache_usage_perc", CoreMetric.KV_USAGE,
            "sglang:token_usage", CoreMetric.KV_USAGE);
    private static final List<String> ENGINES = List.of("vllm", "sglang");
    private static final String NAMES = "a metric that is read anyway: "
            + String.join(", ", KNOWN.keySet().stream().sorted().toList());

    private final Map<String, CoreMetric> attributes = new HashMap<>();

    /** Reads the parameters of an extractor. */
    Made read(Parameters parameters) {
        parameters.ignored("engineLabelKey");
        String engine = parameters.text("defaultEngine", "vllm");
        if (!ENGINES.contains(engine)) {
            parameters.unexpected("defaultEngine", "vllm or sglang; others by pools[].endpoints[].engine");
        }
        for (var config : parameters.objects("engineConfigs")) {
            String name = config.text("name", "");
            if (!ENGINES.contains(name)) {
                config.unexpected("name", "vllm or sglang; others by pools[].endpoints[].engine");
            }
            spec(config, "queuedRequestsSpec", CoreMetric.WAITING);
            spec(config, "runningRequestsSpec", CoreMetric.RUNNING);
            spec(config, "kvUsageSpec", CoreMetric.KV_USAGE);
            config.ignored(
                    "loraSpec",
                    "cacheInfoSpec",
                    "cacheBlockSizeLabelName",
                    "cacheNumBlocksLabelName",
                    "cacheBlockSizeSpec",
                    "cacheNumBlocksSpec");
            for (var custom : config.objects("customMetrics")) {
                String attribute = custom.required("attributeKey", "a name");
                var metric = spec(custom, "metricSpec", null);
                if (attribute != null && metric != null) {
                    attributes.put(attribute, metric);
                }
            }
        }
        return Made.idle("engines are recognised by their answers, or pools[].endpoints[].engine says which they are");
    }

    /** Returns what a spec means, or null; another than what it must mean is reported. */
    private static @Nullable CoreMetric spec(Parameters parameters, String name, @Nullable CoreMetric expected) {
        String spec = parameters.text(name, "");
        var metric = KNOWN.get(spec);
        if (!spec.isEmpty() && (metric == null || (expected != null && metric != expected))) {
            parameters.unexpected(name, NAMES);
            return null;
        }
        return metric;
    }

    /** Returns what an attribute means, or null, which is reported. */
    @Nullable
    CoreMetric attribute(Parameters parameters, String name) {
        String key = parameters.required(name, "the attributeKey of one of core-metrics-extractor's customMetrics");
        String producer = parameters.text("producer");
        if (key == null) {
            return null;
        }
        var metric = attributes.get(key);
        boolean ours = producer == null || producer.isEmpty() || producer.equals(PluginTypes.CORE_METRICS);
        if (metric == null || !ours) {
            parameters.unexpected(
                    ours ? name : "producer",
                    ours
                            ? "the attributeKey of one of core-metrics-extractor's customMetrics"
                            : "core-metrics-extractor or none");
            return null;
        }
        return metric;
    }
}
