package dev.warmgate.engine.discovery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a source knows at one moment. Immutable.
 *
 * @param source for people, for example {@code file /etc/warmgate/endpoints.yaml}
 * @param endpoints the last good list
 * @param problems entries of it that were left out, and why
 * @param failure why the source could not be read the last time, or null if it could
 */
public record SourceState(
        String source,
        List<FoundEndpoint> endpoints,
        List<String> problems,
        @Nullable String failure) {
    public SourceState {
        endpoints = List.copyOf(endpoints);
        problems = List.copyOf(problems);
    }

    /** Returns a source that was not read yet. */
    static SourceState unread(String source) {
        return new SourceState(source, List.of(), List.of(), "not read yet");
    }

    /** Returns what is known after one more look. */
    SourceState after(Reading reading) {
        return switch (reading) {
            case Reading.Good(var found, var wrong) -> new SourceState(source, found, wrong, null);
            case Reading.Failed(var reason) -> new SourceState(source, endpoints, problems, reason);
        };
    }
}
