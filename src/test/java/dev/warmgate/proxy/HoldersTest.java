package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.proxy.Gateway.Options;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import dev.warmgate.router.tenancy.Tenant;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests for what one of three engines keeps reach that one. Other requests go round robin. */
class HoldersTest {
    private static final String KEY_A = "sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private static final String KEY_B = "sk-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    private final AtomicInteger last = new AtomicInteger();
    private final Semaphore held = new Semaphore(0);
    private final List<FakeEngine> engines = Stream.of(0, 1, 2)
            .map(at -> FakeEngine.start(call -> answer(call, at)))
            .toList();

    @AfterEach
    void close() throws IOException {
        for (var engine : engines) {
            engine.close();
        }
    }

    /** Each answer tells in a field which engine gave it; what is posted gets an id. */
    private void answer(FakeEngine.Call call, int at) throws IOException, InterruptedException {
        String text = call.request.text();
        if (text.contains("hold this")) {
            held.acquire();
        }
        if (text.contains("fail this")) {
            call.reset();
            return;
        }
        String id = call.request.line().startsWith("POST") ? "\"id\":\"id_" + last.incrementAndGet() + "\"," : "";
        String object =
                "{\"output\":[{\"id\":\"msg_1\"}]," + id + "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}";
        if (!text.contains("\"stream\":true")) {
            call.json(200, object, "X-At: " + at + "\r\n");
            return;
        }
        call.raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nX-At: " + at
                + "\r\n\r\n");
        call.event("{\"type\":\"response.created\",\"response\":" + object + "}");
        call.event("{\"type\":\"response.output_item.added\",\"item\":{\"id\":\"msg_2\"}}");
        call.event("{\"type\":\"response.completed\",\"response\":" + object + "}");
        call.raw("0\r\n\r\n");
    }

    private Gateway gateway(Options options) {
        return Gateway.start(options, engines.stream().map(FakeEngine::uri).toArray(URI[]::new));
    }

    private static int at(Http.Message answer) {
        assertThat(answer.status()).isEqualTo(200);
        return Integer.parseInt(Objects.requireNonNull(answer.field("x-at")));
    }

    private static String response(String more) {
        return "{\"model\":\"m\",\"input\":\"Hello\"" + more + "}";
    }

    private static String after(String id) {
        return response(",\"previous_response_id\":\"" + id + "\"");
    }

    private static Http.Message post(Client client, String path, String body) throws IOException {
        return client.post(path, body).response();
    }

    private String lastId() {
        return "id_" + last;
    }

    private static Http.Message ask(Client client, String method, String path) throws IOException {
        return client.send(method + " " + path + " HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n")
                .response();
    }

    @Test
    void conversationsStayWhereTheirResponsesAreKept() throws IOException {
        try (var gateway = gateway(Options.DEFAULT);
                var client = gateway.client()) {
            for (String stream : List.of("", ",\"stream\":true")) {
                for (int i = 0; i < 3; i++) {
                    int at = at(post(client, "/v1/responses", response(stream)));
                    for (int turn = 0; turn < 3; turn++) {
                        String next = after(lastId()).replace("}", stream + "}");
                        assertThat(at(post(client, "/v1/responses", next))).isEqualTo(at);
                    }
                    String path = "/v1/responses/" + lastId();
                    assertThat(at(ask(client, "GET", path))).isEqualTo(at);
                    assertThat(at(ask(client, "GET", path + "?include=all"))).isEqualTo(at);
                    assertThat(at(ask(client, "GET", path + "/input_items"))).isEqualTo(at);
                    assertThat(at(ask(client, "POST", path + "/cancel"))).isEqualTo(at);
                    assertThat(at(ask(client, "DELETE", path))).isEqualTo(at);
                }
            }
            assertThat(engines)
                    .allSatisfy(engine -> assertThat(engine.requests()).hasSize(18));
        }
    }

    @Test
    void whoAnswersForANamedConversationKeepsIt() throws IOException {
        try (var gateway = gateway(Options.DEFAULT);
                var client = gateway.client()) {
            for (String named : List.of("\"conv_1\"", "{\"id\":\"conv_2\"}")) {
                String body = response(",\"conversation\":" + named);
                int at = at(post(client, "/v1/responses", body));
                assertThat(at(post(client, "/v1/responses", body))).isEqualTo(at);
                assertThat(at(post(client, "/v1/responses", body))).isEqualTo(at);
            }
            int at = at(post(client, "/v1/conversations", "{}"));
            String body = response(",\"conversation\":\"" + lastId() + "\"");
            assertThat(at(post(client, "/v1/responses", body))).isEqualTo(at);
        }
    }

    @Test
    void filesAndTheirBatchesStayTogether() throws IOException {
        try (var gateway = gateway(Options.DEFAULT);
                var client = gateway.client()) {
            for (int i = 0; i < 3; i++) {
                int at = at(post(client, "/v1/files", "a file of any kind"));
                String file = lastId();
                assertThat(at(ask(client, "GET", "/v1/files/" + file + "/content")))
                        .isEqualTo(at);
                assertThat(at(post(client, "/v1/batches", "{\"input_file_id\":\"" + file + "\"}")))
                        .isEqualTo(at);
                assertThat(at(ask(client, "GET", "/v1/batches/" + lastId()))).isEqualTo(at);
                assertThat(at(ask(client, "POST", "/v1/batches/" + lastId() + "/cancel")))
                        .isEqualTo(at);
            }
        }
    }

    @Test
    void aBatchIsNotBegunTwice() throws IOException {
        try (var gateway = gateway(Options.DEFAULT);
                var client = gateway.client()) {
            assertThat(post(client, "/v1/batches", "{\"metadata\":\"fail this\"}")
                            .status())
                    .isEqualTo(502);
            assertThat(engines.stream()
                            .mapToInt(engine -> engine.requests().size())
                            .sum())
                    .isEqualTo(1);
        }
    }

    @Test
    void tenantsFindOnlyTheirOwn() throws IOException {
        var tenants = new ArrayList<Tenant>();
        for (String key : List.of(KEY_A, KEY_B)) {
            var known = Objects.requireNonNull(ApiKey.parse(key));
            tenants.add(
                    new Tenant("tenant" + key.charAt(3), 1, 0, null, Set.<ApiKey>of(known), List.of(), false, false));
        }
        var settings = new TenancySettings(tenants, List.of(), List.of(), Map.of(), UnknownObjective.REJECT, true);
        var access = new Access(new Tenancy(settings), Access.OPEN.quotas(), ModelRewrites.NONE);
        try (var gateway = gateway(Options.DEFAULT.access(access));
                var client = gateway.client()) {
            int at = at(as(client, KEY_A, response("")));
            String id = lastId();
            // To another tenant it is like any id that was never given: round robin.
            assertThat(at(as(client, KEY_B, after(id)))).isEqualTo((at + 1) % 3);
            assertThat(at(as(client, KEY_A, after(id)))).isEqualTo(at);
        }
    }

    private static Http.Message as(Client client, String key, String body) throws IOException {
        return client.post("/v1/responses", "Authorization: Bearer " + key + "\r\n", body.getBytes(UTF_8))
                .response();
    }

    @Test
    void aHolderThatIsUnwellIsWaitedForAndOneThatIsGoneIsNot() throws IOException {
        var health = new HealthPolicy(3, 1, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ZERO, 1);
        try (var gateway = gateway(Options.DEFAULT.health(health));
                var client = gateway.client()) {
            int at = at(post(client, "/v1/responses", response("")));
            String id = lastId();
            for (int i = 0; i < 3; i++) {
                gateway.endpoint(at).reportFailure(FailureKind.RESET);
            }
            var answer = post(client, "/v1/responses", after(id));
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("retry-after")).isNotNull();
            assertThat(ask(client, "GET", "/v1/responses/" + id).status()).isEqualTo(503);

            gateway.endpoint(at).reportCheck(false);
            assertThat(at(post(client, "/v1/responses", after(id)))).isNotEqualTo(at);
            // It has told where the conversation goes on.
            int next = at(post(client, "/v1/responses", after(lastId())));
            assertThat(at(ask(client, "GET", "/v1/responses/" + lastId()))).isEqualTo(next);
        }
    }

    @Test
    void aHolderThatFailsOneRequestKeepsIt() throws IOException {
        try (var gateway = gateway(Options.DEFAULT);
                var client = gateway.client()) {
            int at = at(post(client, "/v1/responses", response("")));
            var answer = post(client, "/v1/responses", after(lastId()).replace("Hello", "fail this"));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(gateway.retries()).isEmpty();
            assertThat(at(post(client, "/v1/responses", after(lastId())))).isEqualTo(at);
        }
    }

    @Test
    void aRequestWaitsForItsHolderThoughOthersHaveRoom() throws IOException {
        try (var gateway = gateway(Options.ROOM_FOR_ONE);
                var client = gateway.client();
                var busy = gateway.client()) {
            int at = at(post(client, "/v1/responses", response("")));
            String id = lastId();
            busy.post("/v1/responses", after(id).replace("Hello", "hold this"));
            await().until(() -> engines.get(at).requests().size() == 2);
            client.post("/v1/responses", after(id));
            gateway.awaitWaiting(1);
            held.release();
            assertThat(at(busy.response())).isEqualTo(at);
            assertThat(at(client.response())).isEqualTo(at);
        }
    }
}
