package dev.warmgate.engine;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The merged model list of all endpoints, as the answer to {@code GET /v1/models}.
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

    /** The encoded list; written under the lock, read by any thread. */
    private volatile byte[] list;

    /** Creates the catalog of a router's pools, holding the configured models until endpoints report theirs. */
    public ModelCatalog(Router router) {
        this.router = router;
        this.list = encode();
    }

    /** Returns the list as OpenAI JSON in UTF-8. The array is shared and must not be changed. */
    public byte[] openAiList() {
        return list;
    }

    /** Takes what an endpoint says it serves, by id. Its {@link Endpoint#models} must be published before. */
    synchronized void report(Endpoint endpoint, Map<String, ObjectNode> models) {
        if (endpoint.state() != Endpoint.State.GONE && !models.equals(reported.put(endpoint, models))) {
            list = encode();
        }
    }

    /** Forgets all but these endpoints, and takes over what is configured now. */
    synchronized void keep(Set<Endpoint> endpoints) {
        reported.keySet().retainAll(endpoints);
        list = encode();
    }

    private byte[] encode() {
        var merged = new TreeMap<String, ObjectNode>();
        for (Pool pool : router.pools()) {
            for (Endpoint endpoint : pool.endpoints()) {
                reported.getOrDefault(endpoint, Map.of()).forEach(merged::putIfAbsent);
            }
        }
        for (String configured : router.models()) {
            merged.computeIfAbsent(configured, ModelCatalog::bareEntry);
        }
        var root = JsonNodeFactory.instance.objectNode().put("object", "list");
        root.putArray("data").addAll(merged.values());
        return JsonMapper.shared().writeValueAsBytes(root);
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
