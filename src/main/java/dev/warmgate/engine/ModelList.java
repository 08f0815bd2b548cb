package dev.warmgate.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An engine's answer to {@code GET /v1/models}. Read token by token: every start waits for the first of these, and loading
 * Jackson's data binding is a good part of one.
 */
final class ModelList {
    private static final JsonFactory JSON = new JsonFactory();

    private ModelList() {}

    /**
     * Returns the served models by id, each with all the fields of the engine's entry. The aliases that llama.cpp names
     * are entries of their own, because requests may use them; its Ollama-style {@code models} list repeats
     * {@code data} and is ignored.
     *
     * @throws IOException if this is not a model list
     */
    static Map<String, ServedModel> parse(byte[] json) throws IOException {
        Map<String, ServedModel> models = null;
        try (var parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            boolean object = parser.nextToken() == JsonToken.START_OBJECT;
            while (object && parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean data = parser.currentName().equals("data");
                if (parser.nextToken() == JsonToken.START_ARRAY && data) {
                    models = entries(parser);
                } else {
                    parser.skipChildren();
                }
            }
            if (models == null || parser.nextToken() != null) {
                throw new IOException("model list is no object with an array named data");
            }
            return models;
        } catch (JacksonException e) {
            throw new IOException("model list is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static Map<String, ServedModel> entries(JsonParser parser) {
        var models = new LinkedHashMap<String, ServedModel>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                entry(parser, models);
            } else {
                parser.skipChildren();
            }
        }
        return models;
    }

    private static void entry(JsonParser parser, Map<String, ServedModel> models) {
        var fields = new LinkedHashMap<String, String>();
        String id = null;
        List<String> aliases = List.of();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            var value = parser.nextToken();
            if (name.equals("id")) {
                id = value == JsonToken.VALUE_STRING ? parser.getString() : null;
            }
            String json = ServedModel.json(generator -> generator.copyCurrentStructure(parser));
            if (name.equals("aliases") && value == JsonToken.START_ARRAY) {
                aliases = texts(json);
            }
            fields.put(name, json);
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

    /** Returns the texts in an array. */
    private static List<String> texts(String array) {
        var texts = new ArrayList<String>();
        try (var parser = JSON.createParser(ObjectReadContext.empty(), array)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    texts.add(parser.getString());
                } else {
                    parser.skipChildren();
                }
            }
        }
        return texts;
    }
}
