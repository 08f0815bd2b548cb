package dev.warmgate.twin.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Answers recorded from vLLM 0.32.0, and what of them must be the same here. */
final class Recordings {
    private Recordings() {}

    static String text(String name) throws IOException {
        try (var in = Objects.requireNonNull(Recordings.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    static JsonNode json(String name) throws IOException {
        return TwinClient.JSON.readTree(text(name));
    }

    static List<JsonNode> events(String name) throws IOException {
        return TwinClient.events(text(name));
    }

    /** Returns the paths of all members of a JSON value, with {@code []} for any list element. */
    static Set<String> shape(JsonNode json) {
        var paths = new LinkedHashSet<String>();
        collect("", json, paths);
        return paths;
    }

    private static void collect(String path, JsonNode json, Set<String> paths) {
        if (json.isObject()) {
            json.properties().forEach(member -> {
                String child = path + "/" + member.getKey();
                paths.add(child);
                collect(child, member.getValue(), paths);
            });
        } else if (json.isArray()) {
            json.forEach(element -> collect(path + "[]", element, paths));
        }
    }
}
