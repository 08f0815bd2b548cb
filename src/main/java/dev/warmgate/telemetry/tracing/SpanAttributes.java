package dev.warmgate.telemetry.tracing;

import dev.warmgate.router.RequestReport;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a span says about its request. Names are those of OpenTelemetry's semantic conventions for HTTP servers and for
 * generative AI where these have one, else {@code warmgate.…}. Facts that are not known are left out. Times are in seconds.
 */
final class SpanAttributes {
    static final String FIRST_TOKEN = "warmgate.first_token";

    private static final int MAX_NAME_CHARS = 200;

    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("gen_ai.operation.name");
    private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
    private static final AttributeKey<Boolean> STREAM = AttributeKey.booleanKey("gen_ai.request.stream");
    private static final AttributeKey<Long> INPUT = AttributeKey.longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> CACHED = AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens");
    private static final AttributeKey<Long> OUTPUT = AttributeKey.longKey("gen_ai.usage.output_tokens");
    private static final AttributeKey<Double> TTFT = AttributeKey.doubleKey("gen_ai.response.time_to_first_chunk");

    private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("client.address");
    private static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("warmgate.request.id");
    private static final AttributeKey<String> DIALECT = AttributeKey.stringKey("warmgate.dialect");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("warmgate.outcome");
    private static final AttributeKey<String> EXPOSURE = AttributeKey.stringKey("warmgate.exposure");
    private static final AttributeKey<String> REFUSED = AttributeKey.stringKey("warmgate.refused");
    private static final AttributeKey<Long> RETRIES = AttributeKey.longKey("warmgate.retries");
    private static final AttributeKey<String> TENANT = AttributeKey.stringKey("warmgate.tenant");
    private static final AttributeKey<Long> PRIORITY = AttributeKey.longKey("warmgate.priority");
    private static final AttributeKey<Double> QUEUED = AttributeKey.doubleKey("warmgate.queue.duration");
    private static final AttributeKey<Boolean> ESTIMATED = AttributeKey.booleanKey("warmgate.usage.estimated");
    private static final AttributeKey<String> POOL = AttributeKey.stringKey("warmgate.pool");
    private static final AttributeKey<String> ENDPOINT = AttributeKey.stringKey("warmgate.endpoint");
    private static final AttributeKey<String> POLICY = AttributeKey.stringKey("warmgate.policy");
    private static final AttributeKey<Double> DECIDED = AttributeKey.doubleKey("warmgate.decision.duration");
    private static final AttributeKey<Double> COST = AttributeKey.doubleKey("warmgate.predicted.cost");
    private static final AttributeKey<Long> PREDICTED_INPUT = AttributeKey.longKey("warmgate.predicted.prompt_tokens");
    private static final AttributeKey<Long> PREDICTED_CACHED = AttributeKey.longKey("warmgate.predicted.cached_tokens");

    private SpanAttributes() {}

    /** Returns the span's name: operation and model, or the method of what is not understood. */
    static String name(RequestReport report) {
        String operation = operation(report.dialect());
        if (operation == null) {
            return report.method();
        }
        String model = report.model();
        String name = model == null ? operation : operation + " " + model;
        return name.length() <= MAX_NAME_CHARS ? name : name.substring(0, MAX_NAME_CHARS) + "…";
    }

    /** Returns whether it failed by the conventions for HTTP servers: what the client got wrong is no failure of ours. */
    static boolean failed(RequestReport report) {
        return switch (report.outcome()) {
            case ENDPOINT_ERROR, GATEWAY_ERROR, NO_ENDPOINT -> true;
            case OK, CLIENT_ERROR, CLIENT_GONE, REFUSED -> report.status() >= 500;
        };
    }

    /** Returns all that is known. */
    static Attributes of(RequestReport report) {
        var attributes = Attributes.builder();
        attributes.put(METHOD, report.method());
        attributes.put(PATH, report.path());
        count(attributes, STATUS, report.status() == 0 ? -1 : report.status());
        String outcome = report.outcome().name().toLowerCase(Locale.ROOT);
        if (failed(report)) {
            attributes.put(ERROR, outcome);
        }
        text(attributes, CLIENT, report.client());
        var exposure = report.exposure();
        text(attributes, EXPOSURE, exposure == null ? null : exposure.label());
        attributes.put(REQUEST_ID, report.requestId());
        attributes.put(DIALECT, report.dialect());
        attributes.put(OUTCOME, outcome);
        attributes.put(RETRIES, report.retries());
        text(attributes, OPERATION, operation(report.dialect()));
        text(attributes, MODEL, report.model());
        if (report.stream()) {
            attributes.put(STREAM, true);
        }
        usage(attributes, report);
        admittance(attributes, report);
        decision(attributes, report);
        return attributes.build();
    }

    private static void usage(AttributesBuilder attributes, RequestReport report) {
        var usage = report.usage();
        count(attributes, INPUT, usage.promptTokens());
        count(attributes, CACHED, usage.cachedTokens());
        count(attributes, OUTPUT, usage.outputTokens());
        if (usage.estimated()) {
            attributes.put(ESTIMATED, true);
        }
        seconds(attributes, TTFT, report.ttftNanos());
    }

    private static void admittance(AttributesBuilder attributes, RequestReport report) {
        var standing = report.admittance().standing();
        if (standing != null) {
            attributes.put(TENANT, standing.tenant());
            attributes.put(PRIORITY, standing.priority());
        }
        seconds(attributes, QUEUED, report.admittance().queuedNanos());
        text(attributes, REFUSED, report.admittance().refusal());
    }

    private static void decision(AttributesBuilder attributes, RequestReport report) {
        text(attributes, POOL, report.pool());
        var decision = report.decision();
        if (decision == null) {
            return;
        }
        attributes.put(ENDPOINT, decision.endpoint());
        attributes.put(POLICY, decision.policy());
        count(attributes, PREDICTED_INPUT, decision.promptTokens());
        count(attributes, PREDICTED_CACHED, decision.cachedTokens());
        if (!Double.isNaN(decision.costSeconds())) {
            attributes.put(COST, decision.costSeconds());
        }
        seconds(attributes, DECIDED, report.decisionNanos());
    }

    /** Returns the conventions' word for what a client's format asks for, or null if they have none. */
    private static @Nullable String operation(String dialect) {
        return switch (dialect) {
            case "openai-chat", "openai-responses", "anthropic-messages" -> "chat";
            case "openai-completions" -> "text_completion";
            case "openai-embeddings" -> "embeddings";
            default -> null;
        };
    }

    private static void text(AttributesBuilder attributes, AttributeKey<String> key, @Nullable String value) {
        if (value != null) {
            attributes.put(key, value);
        }
    }

    private static void count(AttributesBuilder attributes, AttributeKey<Long> key, long value) {
        if (value >= 0) {
            attributes.put(key, value);
        }
    }

    private static void seconds(AttributesBuilder attributes, AttributeKey<Double> key, long nanos) {
        if (nanos >= 0) {
            attributes.put(key, nanos / 1e9);
        }
    }
}
