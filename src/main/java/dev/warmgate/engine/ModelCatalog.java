package dev.warmgate.engine;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The merged model list of all endpoints, as the answers to {@code GET /v1/models} and
 * {@code GET /v1/models/{id}}.
 *
 * <p>One entry per id, sorted by id. Of several endpoints that serve a model the first in configured order describes
 * it, with every field its engine sent. A model that is configured but not reported by anyone has a bare entry. An
 * endpoint that is down keeps its models in the list: they are still ours to serve, as soon as it is back.
 *
 * <p>Any thread: an immutable snapshot, rebuilt under a lock by whoever reports a change, published through a volatile
 * field.
 */
public final class ModelCatalog {
    private final Router router;

    // Guarded by this.
    private final Map<Endpoint, Map<String, ObjectNode>> reported = new HashMap<>();

    /** What is encoded; written under the lock, read by any thread. */
    private volatile Pages pages;

    /** The lists, and each model by its id, in both forms. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pages(
            byte[] openAiList, byte[] anthropicList, Map<String, byte[]> openAi, Map<String, byte[]> anthropic) {}

    /** Creates the catalog of a router's pools, holding the configured models until endpoints report theirs. */
    public ModelCatalog(Router router) {
        this.router = router;
        this.pages = encode();
    }

    /** Returns the list as OpenAI JSON in UTF-8. The array is shared and must not be changed. */
    public byte[] openAiList() {
        return pages.openAiList;
    }

    /** Returns the list as Anthropic's API has it. The array is shared and must not be changed. */
    public byte[] anthropicList() {
        return pages.anthropicList;
    }

    /** Returns one model as OpenAI JSON in UTF-8, or null. The array is shared and must not be changed. */
    public byte @Nullable [] openAiModel(String id) {
        return pages.openAi.get(id);
    }

    /** Returns one model as Anthropic's API has it, or null. The array is shared and must not be changed. */
    public byte @Nullable [] anthropicModel(String id) {
        return pages.anthropic.get(id);
    }

    /** Takes what an endpoint says it serves, by id. Its {@link Endpoint#models} must be published before. */
    synchronized void report(Endpoint endpoint, Map<String, ObjectNode> models) {
        if (endpoint.state() != Endpoint.State.GONE && !models.equals(reported.put(endpoint, models))) {
            pages = encode();
        }
    }

    /** Forgets all but these endpoints, and takes over what is configured now. */
    synchronized void keep(Set<Endpoint> endpoints) {
        reported.keySet().retainAll(endpoints);
        pages = encode();
    }

    private Pages encode() {
        var merged = new TreeMap<String, ObjectNode>();
        for (Pool pool : router.pools()) {
            for (Endpoint endpoint : pool.endpoints()) {
                reported.getOrDefault(endpoint, Map.of()).forEach(merged::putIfAbsent);
            }
        }
        for (String configured : router.models()) {
            merged.computeIfAbsent(configured, ModelCatalog::bareEntry);
        }
        var openAi = new HashMap<String, byte[]>();
        var anthropic = new HashMap<String, byte[]>();
        var root = JsonNodeFactory.instance.objectNode().put("object", "list");
        root.putArray("data").addAll(merged.values());
        var anthropicRoot = JsonNodeFactory.instance.objectNode();
        var anthropicData = anthropicRoot.putArray("data");
        merged.forEach((id, entry) -> {
            var model = anthropicEntry(id, entry);
            openAi.put(id, bytes(entry));
            anthropic.put(id, bytes(model));
            anthropicData.add(model);
        });
        anthropicRoot
                .put("has_more", false)
                .put("first_id", merged.isEmpty() ? null : merged.firstKey())
                .put("last_id", merged.isEmpty() ? null : merged.lastKey());
        return new Pages(bytes(root), bytes(anthropicRoot), openAi, anthropic);
    }

    private static byte[] bytes(ObjectNode node) {
        return JsonMapper.shared().writeValueAsBytes(node);
    }

    /** An entry as in Anthropic's API; a model whose age is unknown is as old as time. */
    private static ObjectNode anthropicEntry(String id, ObjectNode entry) {
        var created = Instant.ofEpochSecond(Math.max(0, entry.path("created").asLong(0)));
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "model")
                .put("id", id)
                .put("display_name", id)
                .put("created_at", created.toString());
    }

    /** An entry with the fields that clients require; created is unknown. */
    private static ObjectNode bareEntry(String id) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "warmgate");
    }
}
