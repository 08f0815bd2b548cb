package dev.warmgate.telemetry;

import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.io.InputStream;
import java.net.URL;
import org.jspecify.annotations.Nullable;

/**
 * The formats in which metrics are told. Before the first use of any metric its library looks for settings of its own in all
 * libraries, which opens each of them: 40 ms of a start, for a file that is not there. Any thread.
 */
final class Formats {
    private Formats() {}

    /** Returns the formats, with the library's settings from system properties and the environment alone. */
    static ExpositionFormats create() {
        var thread = Thread.currentThread();
        var usual = thread.getContextClassLoader();
        thread.setContextClassLoader(new WithoutResources());
        try {
            return ExpositionFormats.init();
        } finally {
            thread.setContextClassLoader(usual);
        }
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
