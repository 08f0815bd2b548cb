package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.testing.RealEngine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** A gateway over two servers of a real engine; installed by src/test/engines/install, run by {@code -Pengines}. */
@Tag("engines")
@Isolated("the engines need all cores there are")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class RealEnginesTest {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<RealEngine> engines = new ArrayList<>();
    private @Nullable TestGateway gateway;

    abstract RealEngine launch() throws IOException;

    @BeforeAll
    void start() throws Exception {
        engines.add(launch());
        engines.add(launch());
        for (var engine : engines) {
            engine.awaitReady(Duration.ofMinutes(6));
        }
        gateway = TestGateway.over(engines.stream().map(RealEngine::url).toList());
    }

    @AfterAll
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        engines.forEach(RealEngine::close);
    }

    @Test
    @Order(1)
    void theModelAndTheLoadOfTheEngineAreKnown() throws Exception {
        var models = JSON.readTree(get(gateway().url() + "/v1/models"));
        assertThat(models.path("data").path(0).path("id").asString())
                .isEqualTo(engines.getFirst().model());
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            for (JsonNode endpoint : endpoints()) {
                assertThat(endpoint.path("engine").path("running").isNumber()).isTrue();
            }
        });
    }

    /** Six conversations at once: every second turn finds its first one cached, on whichever server that was. */
    @Test
    @Order(2)
    void theSecondTurnLandsWhereTheFirstOneIsCached() throws Exception {
        int conversations = 6;
        var firstTurns = new ArrayList<JsonNode>();
        for (int i = 0; i < conversations; i++) {
            firstTurns.add(chat(firstTurn(i)));
        }
        assertThat(requestsPerEndpoint()).as("both servers are used").allMatch(n -> n > 0);
        for (int i = 0; i < conversations; i++) {
            var messages = firstTurn(i);
            messages.addObject()
                    .put("role", "assistant")
                    .put(
                            "content",
                            firstTurns.get(i).at("/choices/0/message/content").asString(""));
            messages.addObject().put("role", "user").put("content", "And then?");
            var usage = chat(messages).path("usage");
            int before = firstTurns.get(i).path("usage").path("prompt_tokens").asInt();
            assertThat(usage.at("/prompt_tokens_details/cached_tokens").asInt(0))
                    .as("cached tokens of conversation %d, whose first turn had %d: %s", i, before, usage)
                    .isGreaterThan(before / 2);
        }
    }

    @Test
    @Order(3)
    void anotherDialectFindsTheSameConversationWarm() throws Exception {
        var first = chat(firstTurn(100));
        var body =
                JSON.createObjectNode().put("model", engines.getFirst().model()).put("max_tokens", 4);
        body.set("messages", firstTurn(100));
        var answer = post("/v1/messages", body.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        int cached = JSON.readTree(answer.body())
                .at("/usage/cache_read_input_tokens")
                .asInt(0);
        assertThat(cached)
                .isGreaterThan(first.path("usage").path("prompt_tokens").asInt() / 2);
    }

    @Test
    @Order(4)
    void leavingAStreamFreesItsPlace() throws Exception {
        var body = JSON.createObjectNode()
                .put("model", engines.getFirst().model())
                .put("stream", true)
                .put("max_tokens", 1500)
                .put("ignore_eos", true);
        body.set("messages", firstTurn(200));
        var answer = client.send(request("/v1/chat/completions", body.toString()), BodyHandlers.ofInputStream());
        try (var stream = answer.body()) {
            assertThat(stream.read()).isEqualTo('d');
            assertThat(inFlight()).isEqualTo(1);
            await().atMost(Duration.ofSeconds(5)).until(() -> running() == 1);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> inFlight() == 0 && running() == 0);
    }

    @Test
    @Order(5)
    void killingAServerUnderLoadFailsNoRequestThatCouldBeRepeated() throws Exception {
        var over = new AtomicBoolean();
        var answered = new AtomicInteger();
        var failures = new ArrayList<String>();
        Callable<Void> load = () -> {
            for (int i = 0; !over.get(); i++) {
                var answer = post("/v1/chat/completions", chatBody(firstTurn(300 + i % 7), 8));
                if (answer.statusCode() == 200) {
                    answered.incrementAndGet();
                } else {
                    synchronized (failures) {
                        failures.add(answer.statusCode() + " " + answer.body());
                    }
                }
            }
            return null;
        };
        try (var executor = Executors.newFixedThreadPool(4)) {
            var workers = new ArrayList<Future<Void>>();
            for (int i = 0; i < 4; i++) {
                workers.add(executor.submit(load));
            }
            try {
                await().atMost(Duration.ofMinutes(2)).until(() -> answered.get() >= 12);
                engines.getFirst().kill();
                int before = answered.get();
                await().atMost(Duration.ofMinutes(2)).until(() -> answered.get() >= before + 20);
            } finally {
                over.set(true);
            }
            for (var worker : workers) {
                worker.get();
            }
        }
        assertThat(failures).isEmpty();
        assertThat(endpoints().path(0).path("available").asBoolean()).isFalse();
        assertThat(endpoints().path(1).path("available").asBoolean()).isTrue();
        assertThat(inFlight()).isZero();
    }

    private ArrayNode firstTurn(int conversation) {
        var messages = JSON.createArrayNode();
        messages.addObject()
                .put("role", "user")
                .put("content", ("Story number " + conversation + " is about a fox. ").repeat(12) + "Tell me more.");
        return messages;
    }

    private JsonNode chat(ArrayNode messages) throws Exception {
        var answer = post("/v1/chat/completions", chatBody(messages, 16));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private String chatBody(ArrayNode messages, int maxTokens) {
        var body = JSON.createObjectNode()
                .put("model", engines.getFirst().model())
                .put("max_tokens", maxTokens)
                .put("temperature", 0);
        body.set("messages", messages);
        return body.toString();
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(request(path, body), BodyHandlers.ofString());
    }

    private HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(URI.create(gateway().url() + path))
                .header("content-type", "application/json")
                .timeout(Duration.ofMinutes(2))
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private String get(String url) throws IOException, InterruptedException {
        var answer = client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    private JsonNode endpoints() throws Exception {
        return JSON.readTree(get(gateway().adminUrl() + "/endpoints")).at("/pools/0/endpoints");
    }

    private int inFlight() throws Exception {
        int sum = 0;
        for (JsonNode endpoint : endpoints()) {
            sum += endpoint.path("inFlight").asInt();
        }
        return sum;
    }

    private List<Integer> requestsPerEndpoint() throws Exception {
        var counts = new ArrayList<Integer>();
        for (JsonNode endpoint : endpoints()) {
            counts.add(endpoint.path("requests").asInt());
        }
        return counts;
    }

    /** What the engines themselves say is running. */
    private int running() throws Exception {
        int sum = 0;
        for (var engine : engines) {
            sum += engine.running(get(engine.url() + "/metrics"));
        }
        return sum;
    }

    private TestGateway gateway() {
        return Objects.requireNonNull(gateway, "gateway");
    }
}
