package dev.warmgate.engine;

import java.io.StringWriter;
import java.time.Instant;
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

    /** Returns when it was made; the beginning of time if the engine does not say. */
    Instant created() {
        try {
            return Instant.ofEpochSecond(Math.max(0, Long.parseLong(fields.getOrDefault("created", "0"))));
        } catch (NumberFormatException _) {
            return Instant.EPOCH;
        }
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
