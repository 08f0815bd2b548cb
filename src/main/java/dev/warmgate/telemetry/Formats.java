package dev.warmgate.telemetry;

import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.io.InputStream;
import java.net.URL;
import org.jspecify.annotations.Nullable;

/**
 * The formats in which metrics are told. Their library looks for two things that are not there in all libraries, which opens
 * each of them, 40 ms of a start: before the first use of any metric for settings of its own, and with the formats for one
 * more. Any thread.
 */
final class Formats {
    private Formats() {}

    /** Takes the library's settings from system properties and the environment alone. Before the first use of a metric. */
    static void settle() {
        var thread = Thread.currentThread();
        var usual = thread.getContextClassLoader();
        thread.setContextClassLoader(new WithoutResources());
        try {
            var _ = PrometheusProperties.get();
        } finally {
            thread.setContextClassLoader(usual);
        }
    }

    /** Returns the formats, which nobody needs before the first scrape. */
    static ExpositionFormats all() {
        return Holder.ALL;
    }

    private static final class Holder {
        static final ExpositionFormats ALL = ExpositionFormats.init();
    }

    private static final class WithoutResources extends ClassLoader {
        WithoutResources() {
            super(null);
        }

        @Override
        public @Nullable URL getResource(String name) {
            return null;
        }

        @Override
        public @Nullable InputStream getResourceAsStream(String name) {
            return null;
        }
    }
}
