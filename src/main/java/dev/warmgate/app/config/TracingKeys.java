package dev.warmgate.app.config;

import dev.warmgate.telemetry.tracing.TracingSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The keys that say where traces go, in the order of the documentation. */
final class TracingKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    /** Of the OpenTelemetry protocol, for a URL without a path. */
    private static final String DEFAULT_PATH = "/v1/traces";

    private static final Pattern VALUE = Pattern.compile("[!-~]([ -~]{0,4094}[!-~])?"); // RFC 9110, 5.5

    static final Setting<URI> ENDPOINT = add(Setting.withoutDefault(
            "tracing.endpoint",
            new ValueType<>(
                    "URL",
                    "http or https URL such as http://127.0.0.1:4318, without user or fragment",
                    false,
                    TracingKeys::readUrl,
                    URI::toString,
                    Map.of("type", "string", "pattern", "^https?://")),
            Setting.REQUIRED,
            "Where spans are sent: a receiver of OTLP over HTTP. Without a path, `/v1/traces` is meant. Without the section"
                    + " there are no traces."));
    static final Setting<Double> SAMPLE_RATIO = add(
            Setting.of(
                    "tracing.sampleRatio",
                    ValueTypes.share(),
                    TracingSettings.DEFAULT_SAMPLE_RATIO,
                    "Share of the traces that begin here which are recorded. A request that brings a trace follows its sender."));
    static final Setting<String> SERVICE_NAME = add(Setting.of(
            "tracing.serviceName",
            ValueTypes.text("a name"),
            TracingSettings.DEFAULT_SERVICE_NAME,
            "What this gateway is called in traces: `service.name`."));
    static final Setting<String> HEADER = add(Setting.withoutDefault(
            "tracing.headers." + Settings.ANY,
            new ValueType<>(
                    "header value",
                    "1 to 4096 visible ASCII characters, and spaces between them",
                    true,
                    text -> VALUE.matcher(text).matches() ? text : null,
                    Function.identity(),
                    Map.of("type", "string", "minLength", 1)),
            "none",
            "Sent with all spans, such as `authorization: Bearer ${TOKEN}`."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private TracingKeys() {}

    private static @Nullable URI readUrl(String text) {
        try {
            var url = new URI(text);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (!http || url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
                return null;
            }
            boolean bare = url.getRawPath().isEmpty() || "/".equals(url.getRawPath());
            return bare && url.getRawQuery() == null ? url.resolve(DEFAULT_PATH) : url;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
