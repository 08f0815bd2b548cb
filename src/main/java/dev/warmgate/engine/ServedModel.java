package dev.warmgate.engine;

import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A model as an engine describes it. Immutable.
 *
 * @param fields the values as JSON, by their names in the engine's order
 */
record ServedModel(Map<String, String> fields) {
    private static final JsonFactory JSON = new JsonFactory();

    private static final String ID = "id";

    /** The end of the year 9999: later ones have no such form. */
    private static final long LATEST = 253_402_300_799L;

    ServedModel {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** Returns a model of which only the name is known: with the fields that clients require. */
    static ServedModel bare(String id) {
        var fields = new LinkedHashMap<String, String>();
        fields.put(ID, quoted(id));
        fields.put("object", "\"model\"");
        fields.put("created", "0");
        fields.put("owned_by", "\"warmgate\"");
        return new ServedModel(fields);
    }

    /** Returns the same under another name. */
    ServedModel named(String id) {
        var others = new LinkedHashMap<>(fields);
        others.put(ID, quoted(id));
        return new ServedModel(others);
    }

    /** Returns when it was made, as in RFC 3339; the beginning of time if the engine does not say. */
    String created() {
        long seconds;
        try {
            seconds = Math.clamp(Long.parseLong(fields.getOrDefault("created", "0")), 0, LATEST);
        } catch (NumberFormatException _) {
            seconds = 0;
        }
        // Not as an Instant, whose format is slow to begin with.
        var at = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        return at + (at.getSecond() == 0 ? ":00Z" : "Z");
    }

    /** Writes it as it came. */
    void write(JsonGenerator to) {
        to.writeStartObject();
        fields.forEach((name, value) -> {
            to.writeName(name);
            to.writeRawValue(value);
        });
        to.writeEndObject();
    }

    private static String quoted(String text) {
        return json(to -> to.writeString(text));
    }

    /** Returns what is written. */
    static String json(Consumer<JsonGenerator> writer) {
        var text = new StringWriter();
        try (var generator = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            writer.accept(generator);
        }
        return text.toString();
    }
}
