package dev.warmgate.telemetry;

import dev.warmgate.router.Exposure;
import dev.warmgate.router.RequestReport.Outcome;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The series that requests write, found by small record keys: the metrics library's own lookup allocates two lists. Keys
 * that every request needs are compared in words of their own: the first comparison of a record makes methods for it, during
 * the first request.
 *
 * <p>Any thread; a lookup takes no lock once a series exists.
 */
final class RequestSeries {
    /** Outcome counters have one series per this. */
    record OutcomeKey(String pool, String model, String dialect, Outcome outcome, String code) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof OutcomeKey key
                    && outcome == key.outcome
                    && code.equals(key.code)
                    && pool.equals(key.pool)
                    && model.equals(key.model)
                    && dialect.equals(key.dialect);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * (31 * (31 * outcome.hashCode() + code.hashCode()) + pool.hashCode()) + model.hashCode())
                    + dialect.hashCode();
        }
    }

    /** Latencies and tokens have one series per this. */
    record ModelKey(String pool, String model) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ModelKey key && pool.equals(key.pool) && model.equals(key.model);
        }

        @Override
        public int hashCode() {
            return 31 * pool.hashCode() + model.hashCode();
        }
    }

    record EndpointKey(String pool, String endpoint) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof EndpointKey key && pool.equals(key.pool) && endpoint.equals(key.endpoint);
        }

        @Override
        public int hashCode() {
            return 31 * pool.hashCode() + endpoint.hashCode();
        }
    }

    record ExposedKey(String pool, Exposure exposure) {}

    record RetryKey(String pool, String endpoint, String reason) {}

    /** The series of one model in one pool. */
    record OfModel(
            DistributionDataPoint duration,
            DistributionDataPoint ttft,
            DistributionDataPoint itl,
            CounterDataPoint promptTokens,
            CounterDataPoint outputTokens,
            CounterDataPoint cachedTokens,
            CounterDataPoint promptTokensEstimated,
            CounterDataPoint outputTokensEstimated) {}

    /** The series of one endpoint. */
    record OfEndpoint(
            CounterDataPoint requests,
            CounterDataPoint promptTokens,
            CounterDataPoint cachedTokens,
            CounterDataPoint predictedPromptTokens,
            CounterDataPoint predictedCachedTokens) {}

    /** A prompt may wait minutes in a queue and a long answer may stream for ten. */
    private static final double[] LATENCY_SECONDS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600
    };

    private static final double[] ITL_SECONDS = {
        0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2
    };

    private static final double[] DECISION_SECONDS = {
        1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 0.1
    };

    private final PrometheusRegistry registry;
    private final Counter requests;
    private final Counter retries;
    private final Counter exposed;
    private final Histogram duration;
    private final Histogram ttft;
    private final Histogram itl;
    private final Histogram decision;
    private final Counter promptTokens;
    private final Counter outputTokens;
    private final Counter cachedTokens;
    private final Counter promptTokensEstimated;
    private final Counter outputTokensEstimated;
    private final Counter endpointRequests;
    private final Counter endpointPromptTokens;
    private final Counter endpointCachedTokens;
    private final Counter predictedPromptTokens;
    private final Counter predictedCachedTokens;

    private final ConcurrentHashMap<OutcomeKey, CounterDataPoint> outcomes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<ModelKey, OfModel> models = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<EndpointKey, OfEndpoint> endpoints = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<RetryKey, CounterDataPoint> retriesByKey = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<ExposedKey, CounterDataPoint> exposedByKey = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, DistributionDataPoint> decisions = new ConcurrentHashMap<>();

    RequestSeries(PrometheusRegistry registry) {
        this.registry = registry;
        requests = counter("warmgate_requests", "Requests that ended.", "pool", "model", "dialect", "outcome", "code");
        retries = counter(
                "warmgate_retries", "Attempts that failed and went on elsewhere.", "pool", "endpoint", "reason");
        exposed = counter(
                "warmgate_exposed_failures",
                "Failures of endpoints that clients heard of, by why no other endpoint answered.",
                "pool",
                "reason");
        duration = histogram(
                "warmgate_request_duration_seconds",
                "From a request's first byte in to its answer's last byte out.",
                LATENCY_SECONDS,
                "pool",
                "model");
        ttft = histogram(
                "warmgate_ttft_seconds",
                "Time to first token: from a request's last byte in to its first response token out.",
                LATENCY_SECONDS,
                "pool",
                "model");
        itl = histogram(
                "warmgate_itl_seconds",
                "Inter-token latency: one mean per request with at least two output tokens.",
                ITL_SECONDS,
                "pool",
                "model");
        decision = histogram(
                "warmgate_decision_seconds",
                "From a whole body to a chosen endpoint: scan, hash, lookup, cost, reserve.",
                DECISION_SECONDS,
                "pool");
        promptTokens = counter("warmgate_prompt_tokens", "Prompt tokens reported by engines.", "pool", "model");
        outputTokens = counter("warmgate_output_tokens", "Output tokens reported by engines.", "pool", "model");
        cachedTokens = counter(
                "warmgate_cached_tokens", "Prompt tokens reported by engines as served from cache.", "pool", "model");
        promptTokensEstimated = counter(
                "warmgate_prompt_tokens_estimated",
                "Prompt tokens of requests whose engine did not report all, not part of warmgate_prompt_tokens.",
                "pool",
                "model");
        outputTokensEstimated = counter(
                "warmgate_output_tokens_estimated",
                "Output tokens of requests whose engine did not report all, not part of warmgate_output_tokens.",
                "pool",
                "model");
        endpointRequests =
                counter("warmgate_endpoint_requests", "Requests that ended at an endpoint.", "pool", "endpoint");
        endpointPromptTokens = counter(
                "warmgate_endpoint_prompt_tokens",
                "Prompt tokens of requests whose engine reported cached tokens.",
                "pool",
                "endpoint");
        endpointCachedTokens = counter(
                "warmgate_endpoint_cached_tokens", "Of these, reported as served from cache.", "pool", "endpoint");
        predictedPromptTokens = counter(
                "warmgate_predicted_prompt_tokens",
                "Our estimate of the prompt tokens of requests whose engine reported cached tokens.",
                "pool",
                "endpoint");
        predictedCachedTokens = counter(
                "warmgate_predicted_cached_tokens",
                "Of these, believed to be in the endpoint's cache when it was chosen.",
                "pool",
                "endpoint");
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private Histogram histogram(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(bounds)
                .withoutExemplars()
                .register(registry);
    }

    CounterDataPoint outcome(OutcomeKey key) {
        return outcomes.computeIfAbsent(
                key, k -> requests.labelValues(k.pool, k.model, k.dialect, Telemetry.label(k.outcome), k.code));
    }

    OfModel model(ModelKey key) {
        return models.computeIfAbsent(
                key,
                k -> new OfModel(
                        duration.labelValues(k.pool, k.model),
                        ttft.labelValues(k.pool, k.model),
                        itl.labelValues(k.pool, k.model),
                        promptTokens.labelValues(k.pool, k.model),
                        outputTokens.labelValues(k.pool, k.model),
                        cachedTokens.labelValues(k.pool, k.model),
                        promptTokensEstimated.labelValues(k.pool, k.model),
                        outputTokensEstimated.labelValues(k.pool, k.model)));
    }

    OfEndpoint endpoint(EndpointKey key) {
        return endpoints.computeIfAbsent(
                key,
                k -> new OfEndpoint(
                        endpointRequests.labelValues(k.pool, k.endpoint),
                        endpointPromptTokens.labelValues(k.pool, k.endpoint),
                        endpointCachedTokens.labelValues(k.pool, k.endpoint),
                        predictedPromptTokens.labelValues(k.pool, k.endpoint),
                        predictedCachedTokens.labelValues(k.pool, k.endpoint)));
    }

    CounterDataPoint retry(RetryKey key) {
        return retriesByKey.computeIfAbsent(key, k -> retries.labelValues(k.pool, k.endpoint, k.reason));
    }

    CounterDataPoint exposed(ExposedKey key) {
        return exposedByKey.computeIfAbsent(key, k -> exposed.labelValues(k.pool, k.exposure.label()));
    }

    /** Forgets the series of endpoints that are not among these. */
    void keepEndpoints(Set<EndpointKey> kept) {
        endpoints.keySet().removeIf(key -> {
            boolean gone = !kept.contains(key);
            if (gone) {
                for (var counter : List.of(
                        endpointRequests,
                        endpointPromptTokens,
                        endpointCachedTokens,
                        predictedPromptTokens,
                        predictedCachedTokens)) {
                    counter.remove(key.pool, key.endpoint);
                }
            }
            return gone;
        });
        retriesByKey.keySet().removeIf(key -> {
            boolean gone = !kept.contains(new EndpointKey(key.pool, key.endpoint));
            if (gone) {
                retries.remove(key.pool, key.endpoint, key.reason);
            }
            return gone;
        });
    }

    DistributionDataPoint decision(String pool) {
        return decisions.computeIfAbsent(pool, decision::labelValues);
    }
}
