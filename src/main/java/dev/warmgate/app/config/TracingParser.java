package dev.warmgate.app.config;

import dev.warmgate.telemetry.tracing.TracingSettings;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads where traces go. Used once; confined to one thread. */
final class TracingParser {
    /** What belongs to the sending itself. */
    private static final Set<String> OWN_HEADERS = Set.of(
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "transfer-encoding",
            "upgrade");

    private final Problems problems;

    TracingParser(Problems problems) {
        this.problems = problems;
    }

    /** Returns the settings, or null if there are to be no traces; meaningless if there are problems afterwards. */
    @Nullable
    TracingSettings parse(Section section) {
        if (!section.written()) {
            return null;
        }
        var endpoint = section.require(TracingKeys.ENDPOINT);
        double ratio = section.get(TracingKeys.SAMPLE_RATIO);
        String service = section.get(TracingKeys.SERVICE_NAME);
        var headers = headers(section.section("headers"));
        return endpoint == null ? null : new TracingSettings(endpoint, ratio, service, headers);
    }

    private Map<String, String> headers(Section section) {
        var headers = new LinkedHashMap<String, String>();
        var names = ValueTypes.headerName();
        section.findEntries(TracingKeys.HEADER).forEach((name, found) -> {
            String read = names.reader().read(name);
            if (read == null || OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                problems.add(
                        found.origin(),
                        found.path(),
                        Section.quote(name)
                                + " (expected: the name of a header that is not part of the sending itself)");
            } else if (headers.putIfAbsent(read, found.value()) != null) {
                problems.add(found.origin(), found.path(), "twice (expected: each header once, in any case)");
            }
        });
        return headers;
    }
}
