package dev.warmgate.engine;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

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
    static Map<String, ObjectNode> parse(byte[] json) throws IOException {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(json);
        } catch (JacksonException e) {
            throw new IOException("model list is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.path("data").isArray()) {
            throw new IOException("model list has no array named data");
        }
        var models = new LinkedHashMap<String, ObjectNode>();
        for (JsonNode node : root.get("data")) {
            if (node instanceof ObjectNode entry && entry.path("id").isString()) {
                models.putIfAbsent(entry.get("id").stringValue(), entry);
                for (JsonNode alias : entry.path("aliases")) {
                    if (alias.isString()) {
                        models.computeIfAbsent(
                                alias.stringValue(), id -> entry.deepCopy().put("id", id));
                    }
                }
            }
        }
        return models;
    }
}
