package dev.warmgate.twin.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison ran, for its reports.
 *
 * @param title the report's title
 * @param lead what was compared and how, in sentences
 * @param lines what was run, one line for each thing
 * @param target one line: when a request counts as within target
 * @param command that runs the same again
 * @param fields the same for programs, in order: strings, numbers, maps of them, or null for what does not exist
 */
public record RunFacts(
        String title,
        String lead,
        List<String> lines,
        String target,
        String command,
        Map<String, @Nullable Object> fields) {
    public RunFacts {
        lines = List.copyOf(lines);
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
