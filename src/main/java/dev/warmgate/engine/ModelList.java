package dev.warmgate.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An engine's answer to {@code GET /v1/models}. */
final class ModelList {
    private ModelList() {}

    /**
     * Returns the served models by id, each with all the fields of the engine's entry. The aliases that llama.cpp names
     * are entries of their own, because requests may use them; its Ollama-style {@code models} list repeats
     * {@code data} and is ignored.
     *
     * @throws IOException if this is not a model list
     */
    static Map<String, ServedModel> parse(byte[] json) throws IOException {
        var reader = new JsonReader(json);
        Map<String, ServedModel> models = null;
        boolean object = reader.enter('{');
        for (boolean first = true; object && reader.next(first, '}'); first = false) {
            boolean data = reader.name().equals("data");
            if (data && reader.enter('[')) {
                models = entries(reader);
            } else {
                var _ = reader.value();
            }
        }
        if (models == null) {
            throw new IOException("model list is no object with an array named data");
        }
        reader.end();
        return models;
    }

    private static Map<String, ServedModel> entries(JsonReader reader) throws IOException {
        var models = new LinkedHashMap<String, ServedModel>();
        for (boolean first = true; reader.next(first, ']'); first = false) {
            if (reader.enter('{')) {
                entry(reader, models);
            } else {
                var _ = reader.value();
            }
        }
        return models;
    }

    private static void entry(JsonReader reader, Map<String, ServedModel> models) throws IOException {
        var fields = new LinkedHashMap<String, String>();
        String id = null;
        List<String> aliases = List.of();
        for (boolean first = true; reader.next(first, '}'); first = false) {
            String name = reader.name();
            String value = reader.value();
            if (name.equals("id")) {
                id = text(value);
            } else if (name.equals("aliases")) {
                aliases = texts(value);
            }
            fields.put(name, value);
        }
        if (id == null) {
            return;
        }
        var model = new ServedModel(fields);
        models.putIfAbsent(id, model);
        for (String alias : aliases) {
            models.computeIfAbsent(alias, model::named);
        }
    }

    /** Returns the text that a value is, or null. */
    private static @Nullable String text(String value) throws IOException {
        return value.startsWith("\"") ? new JsonReader(value).text() : null;
    }

    /** Returns the texts in a value that is an array. */
    private static List<String> texts(String value) throws IOException {
        var texts = new ArrayList<String>();
        var reader = new JsonReader(value);
        boolean array = reader.enter('[');
        for (boolean first = true; array && reader.next(first, ']'); first = false) {
            if (reader.peek() == '"') {
                texts.add(reader.text());
            } else {
                var _ = reader.value();
            }
        }
        return texts;
    }
}
