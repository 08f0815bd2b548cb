package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.RoundRobin;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ModelCatalogTest {
    private final Router router = router(Set.of("planned", "tiny"));
    private final Endpoint first = router.pools().getFirst().endpoints().getFirst();
    private final Endpoint second = router.pools().getFirst().endpoints().getLast();
    private final ModelCatalog catalog = new ModelCatalog(router);

    private static Router router(Set<String> configured) {
        var endpoints = List.of(
                EndpointSpec.of(URI.create("http://127.0.0.1:1")), EndpointSpec.of(URI.create("http://127.0.0.1:2")));
        var spec = new PoolSpec("main", endpoints, configured, HealthPolicy.DEFAULT, 1000, 1 << 20);
        return new Router(List.of(new Pool(spec, new RoundRobin(), () -> 0, new Random(1))));
    }

    private void report(Endpoint endpoint, String json) throws IOException {
        var models = ModelList.parse(json.getBytes(StandardCharsets.UTF_8));
        endpoint.models(models.keySet());
        catalog.report(endpoint, models);
    }

    private JsonNode list() {
        return JsonMapper.shared().readTree(catalog.openAiList());
    }

    private List<String> ids() {
        return list().get("data")
                .valueStream()
                .map(model -> model.get("id").stringValue())
                .toList();
    }

    @Test
    void listsConfiguredModelsBeforeAnyEndpointAnswered() {
        assertThat(new String(catalog.openAiList(), StandardCharsets.UTF_8))
                .isEqualTo("{\"object\":\"list\",\"data\":["
                        + "{\"id\":\"planned\",\"object\":\"model\",\"created\":0,\"owned_by\":\"warmgate\"},"
                        + "{\"id\":\"tiny\",\"object\":\"model\",\"created\":0,\"owned_by\":\"warmgate\"}]}");
    }

    @Test
    void mergesRealEnginesListsSortedAndKeepsTheirFields() throws IOException {
        report(first, new String(Resources.bytes("vllm-models.json"), StandardCharsets.UTF_8));
        report(second, new String(Resources.bytes("llama.cpp-models.json"), StandardCharsets.UTF_8));
        assertThat(ids()).containsExactly("planned", "smollm2", "sql", "tiny", "tiny-alias");
        assertThat(list().at("/data/1/meta/n_ctx").intValue()).isEqualTo(2048);
        assertThat(list().at("/data/2/parent").stringValue()).isEqualTo("tiny");
        assertThat(list().at("/data/3/max_model_len").intValue()).isEqualTo(4096);
    }

    @Test
    void theFirstConfiguredEndpointDescribesAModelWhoeverReportsFirst() throws IOException {
        report(second, "{\"data\":[{\"id\":\"m\",\"owned_by\":\"second\"}]}");
        report(first, "{\"data\":[{\"id\":\"m\",\"owned_by\":\"first\"}]}");
        assertThat(list().at("/data/0/owned_by").stringValue()).isEqualTo("first");
    }

    @Test
    void modelsThatAnEndpointNoLongerServesLeaveTheList() throws IOException {
        report(first, "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}");
        byte[] before = catalog.openAiList();
        report(first, "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}");
        assertThat(catalog.openAiList()).isSameAs(before);
        report(first, "{\"data\":[{\"id\":\"b\"}]}");
        assertThat(ids()).containsExactly("b", "planned", "tiny");
    }

    @Test
    void everyModelIsToldInBothForms() throws IOException {
        report(first, "{\"data\":[{\"id\":\"org/a\",\"created\":1700000000,\"max_model_len\":4096}]}");
        assertThat(text(catalog.openAiModel("org/a")))
                .isEqualTo("{\"id\":\"org/a\",\"created\":1700000000,\"max_model_len\":4096}");
        String anthropic = "{\"type\":\"model\",\"id\":\"org/a\",\"display_name\":\"org/a\","
                + "\"created_at\":\"2023-11-14T22:13:20Z\"}";
        assertThat(text(catalog.anthropicModel("org/a"))).isEqualTo(anthropic);
        assertThat(text(catalog.anthropicList()))
                .startsWith("{\"data\":[" + anthropic + ",")
                .endsWith("],\"has_more\":false,\"first_id\":\"org/a\",\"last_id\":\"tiny\"}");
        assertThat(catalog.openAiModel("a")).isNull();
        assertThat(catalog.anthropicModel("a")).isNull();
    }

    private static String text(byte @Nullable [] json) {
        assertThat(json).isNotNull();
        return new String(json, StandardCharsets.UTF_8);
    }

    @Test
    void whenAModelWasMadeIsToldToTheSecondIfTheEngineSays() {
        assertThat(created("1700000000")).isEqualTo("2023-11-14T22:13:20Z");
        assertThat(created("1700000040")).isEqualTo("2023-11-14T22:14:00Z");
        assertThat(created("0")).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(created("-1")).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(created("\"today\"")).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(created("9223372036854775807")).isEqualTo("9999-12-31T23:59:59Z");
    }

    private static String created(String value) {
        return new ServedModel(Map.of("created", value)).created();
    }

    @Test
    void aliasesAreModelsToo() throws IOException {
        var models = ModelList.parse(
                "{\"data\":[{\"id\":\"a\",\"aliases\":[\"a\",\"b\"],\"x\":1}]}".getBytes(StandardCharsets.UTF_8));
        assertThat(models).containsOnlyKeys("a", "b");
        assertThat(models.values())
                .extracting(model -> model.fields().get("id"))
                .containsExactly("\"a\"", "\"b\"");
    }

    @Test
    void refusesWhatIsNoModelList() {
        for (String json : List.of(
                "",
                "nonsense",
                "{}",
                "[]",
                "{\"data\":{}}",
                "{\"models\":[]}",
                "{\"data\":[]} x",
                "{\"data\":[{\"id\":\"a\"")) {
            assertThatThrownBy(() -> ModelList.parse(json.getBytes(StandardCharsets.UTF_8)))
                    .as(json)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void skipsEntriesWithoutAnId() throws IOException {
        assertThat(ModelList.parse("{\"data\":[1,{},{\"id\":2},{\"id\":\"a\"}]}".getBytes(StandardCharsets.UTF_8)))
                .containsOnlyKeys("a");
    }
}
