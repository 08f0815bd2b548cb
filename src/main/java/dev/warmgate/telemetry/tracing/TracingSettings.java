package dev.warmgate.telemetry.tracing;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.Map;

/**
 * Where traces go, and how many.
 *
 * @param endpoint where spans are posted: an http or https URL with its path
 * @param sampleRatio share of the traces that begin here which are recorded, 0 to 1; others follow their parent
 * @param serviceName what this gateway is called in traces
 * @param headers sent with each export, by name; must not be shown
 */
public record TracingSettings(URI endpoint, double sampleRatio, String serviceName, Map<String, String> headers) {
    public static final double DEFAULT_SAMPLE_RATIO = 1;
    public static final String DEFAULT_SERVICE_NAME = "warmgate";

    /** @throws IllegalArgumentException if the ratio is none */
    public TracingSettings {
        requireNonNull(endpoint, "endpoint");
        if (!(sampleRatio >= 0 && sampleRatio <= 1)) {
            throw new IllegalArgumentException("sampleRatio: " + sampleRatio + " (expected: from 0 to 1)");
        }
        headers = Map.copyOf(headers);
    }

    @Override
    public String toString() {
        return "TracingSettings[" + endpoint + ", " + sampleRatio + ", " + serviceName + ", " + headers.keySet() + "]";
    }
}
