package dev.warmgate.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

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
    private final Map<Endpoint, Map<String, ServedModel>> reported = new HashMap<>();

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
    synchronized void report(Endpoint endpoint, Map<String, ServedModel> models) {
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
        var merged = new TreeMap<String, ServedModel>();
        for (Pool pool : router.pools()) {
            for (Endpoint endpoint : pool.endpoints()) {
                reported.getOrDefault(endpoint, Map.of()).forEach(merged::putIfAbsent);
            }
        }
        for (String configured : router.models()) {
            merged.computeIfAbsent(configured, ServedModel::bare);
        }
        var openAi = new HashMap<String, byte[]>();
        var anthropic = new HashMap<String, byte[]>();
        merged.forEach((id, model) -> {
            openAi.put(id, bytes(model::write));
            anthropic.put(id, bytes(to -> writeForAnthropic(id, model, to)));
        });
        return new Pages(
                bytes(to -> writeOpenAiList(merged, to)),
                bytes(to -> writeAnthropicList(merged, to)),
                openAi,
                anthropic);
    }

    private static byte[] bytes(Consumer<JsonGenerator> writer) {
        return ServedModel.json(writer).getBytes(UTF_8);
    }

    private static void writeOpenAiList(Map<String, ServedModel> models, JsonGenerator to) {
        to.writeStartObject();
        to.writeStringProperty("object", "list");
        to.writeArrayPropertyStart("data");
        models.values().forEach(model -> model.write(to));
        to.writeEndArray();
        to.writeEndObject();
    }

    private static void writeAnthropicList(SortedMap<String, ServedModel> models, JsonGenerator to) {
        to.writeStartObject();
        to.writeArrayPropertyStart("data");
        models.forEach((id, model) -> writeForAnthropic(id, model, to));
        to.writeEndArray();
        to.writeBooleanProperty("has_more", false);
        to.writeName("first_id");
        to.writeString(models.isEmpty() ? null : models.firstKey());
        to.writeName("last_id");
        to.writeString(models.isEmpty() ? null : models.lastKey());
        to.writeEndObject();
    }

    /** An entry as in Anthropic's API; a model whose age is unknown is as old as time. */
    private static void writeForAnthropic(String id, ServedModel model, JsonGenerator to) {
        to.writeStartObject();
        to.writeStringProperty("type", "model");
        to.writeStringProperty("id", id);
        to.writeStringProperty("display_name", id);
        to.writeStringProperty("created_at", model.created());
        to.writeEndObject();
    }
}
