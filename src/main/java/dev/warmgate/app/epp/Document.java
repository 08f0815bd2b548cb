package dev.warmgate.app.epp;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a file says, before defaults and before its plugins are understood. Immutable.
 *
 * @param gates the feature gates that are on
 * @param plugins in the order of the file
 * @param profiles in the order of the file; none for the default one
 * @param dataLayer null for the default one
 * @param flowControl null if nothing is said
 * @param parsers none for the default ones
 * @param saturationDetector of {@code flowControl} or of the deprecated top-level field, or null
 */
record Document(
        Set<String> gates,
        List<Plugin> plugins,
        List<Profile> profiles,
        @Nullable DataLayer dataLayer,
        @Nullable FlowControl flowControl,
        List<Reference> parsers,
        @Nullable Reference saturationDetector) {
    static final String FLOW_CONTROL = "flowControl";

    Document {
        gates = Set.copyOf(gates);
        plugins = List.copyOf(plugins);
        profiles = List.copyOf(profiles);
        parsers = List.copyOf(parsers);
    }

    /**
     * A plugin.
     *
     * @param parameters as written, or null for none
     * @param line where it is written, or 0 if the defaults added it
     * @param path for example {@code plugins[2]}
     */
    record Plugin(String name, String type, @Nullable Tree parameters, int line, String path) {
        /** Returns one that nobody wrote. */
        static Plugin added(String type) {
            return new Plugin(type, type, null, 0, type);
        }

        boolean written() {
            return line > 0;
        }
    }

    /** A place that names a plugin. */
    record Reference(String name, int line, String path) {}

    /** A scheduling profile. */
    record Profile(String name, List<Use> plugins, int line, String path) {
        Profile {
            plugins = List.copyOf(plugins);
        }
    }

    /** A plugin in a profile. */
    record Use(Reference plugin, double weight) {}

    /** Where data about endpoints comes from. */
    record DataLayer(boolean injectDefaults, List<Source> sources, int line) {
        DataLayer {
            sources = List.copyOf(sources);
        }
    }

    /** A source of data, and who takes data out of it. */
    record Source(Reference plugin, List<Reference> extractors) {
        Source {
            extractors = List.copyOf(extractors);
        }
    }

    /**
     * What may wait.
     *
     * @param maxBytes 0 for any
     * @param maxRequests 0 for any
     * @param defaultRequestTtl 0 for ever
     * @param noEndpointRequestTtl null if not said
     * @param usageLimit null if not said
     */
    record FlowControl(
            long maxBytes,
            long maxRequests,
            @Nullable Duration defaultRequestTtl,
            @Nullable Duration noEndpointRequestTtl,
            @Nullable Band defaultBand,
            @Nullable Band defaultNegativeBand,
            List<Band> bands,
            @Nullable Reference usageLimit,
            boolean enableEviction,
            StrictFields fields) {
        FlowControl {
            bands = List.copyOf(bands);
        }
    }

    /**
     * What may wait of one priority.
     *
     * @param fairness null if not said
     * @param ordering null if not said
     */
    record Band(
            int priority,
            long maxBytes,
            long maxRequests,
            @Nullable Reference fairness,
            @Nullable Reference ordering,
            int line,
            String path) {
        static final long DEFAULT_BYTES = 1_000_000_000;
        static final long DEFAULT_REQUESTS = 5_000;
    }
}
