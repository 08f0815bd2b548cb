package dev.warmgate.twin.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the servers do beyond the shape of their answers: caching, aborts, faults, tools. */
class TwinServerTest {
    private static final TwinSettings SETTINGS =
            TwinSettings.DEFAULTS.withModels(List.of("tiny")).withReplicas(1).withSpeedUp(200);

    private TwinFleet fleet;
    private TwinReplica replica;
    private TwinClient client;

    @BeforeEach
    void start() throws IOException {
        fleet = TwinFleet.start(SETTINGS);
        replica = fleet.replica(0);
        client = new TwinClient(replica);
    }

    @AfterEach
    void stop() {
        client.close();
        fleet.close();
    }

    @Test
    void theSecondTurnFindsPromptAndAnswerInTheCache() throws Exception {
        String question = "Tell me about caches. ".repeat(100);
        JsonNode first = client.json("/v1/chat/completions", chat("user", question));
        String answer = first.at("/choices/0/message/content").asString();
        assertThat(first.at("/usage/prompt_tokens_details/cached_tokens").asInt())
                .isZero();
        assertThat(first.at("/usage/completion_tokens").asInt()).isEqualTo(64);

        JsonNode second =
                client.json("/v1/chat/completions", chat("user", question, "assistant", answer, "user", "And then?"));

        int blocks = (first.at("/usage/total_tokens").asInt() - 1) / 16;
        int cached = blocks * 16;
        assertThat(second.at("/usage/prompt_tokens_details/cached_tokens").asInt())
                .isEqualTo(cached);
        assertThat(replica.stats().engine().cachedTokens()).isEqualTo(cached);
        assertThat(answer).matches("([a-z]{3} ){64}");
    }

    @Test
    void equalPromptsGetEqualAnswersInEveryDialect() throws Exception {
        String body = chat("user", "Say something.");
        String whole = client.json("/v1/chat/completions", body)
                .at("/choices/0/message/content")
                .asString();
        var streamed = new StringBuilder();
        client.stream("/v1/chat/completions", body.replace("}]", "}],\"stream\":true"))
                .forEach(event ->
                        streamed.append(event.at("/choices/0/delta/content").asString("")));
        String anthropic =
                client.json("/v1/messages", body).at("/content/0/text").asString();
        assertThat(streamed).hasToString(whole);
        assertThat(anthropic).isEqualTo(whole);
    }

    @Test
    void answersWithoutALimitEndByThemselves() throws Exception {
        JsonNode answer = client.json(
                "/v1/chat/completions", "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(client.get("/metrics").body())
                .contains("vllm:request_success_total{engine=\"0\",model_name=\"tiny\",finished_reason=\"stop\"} 1.0");
    }

    @Test
    void metricsHaveVllmsNamesAndTellTheSizeOfTheCache() throws Exception {
        client.json("/v1/chat/completions", chat("user", "Hi"));
        var values = new ConcurrentHashMap<String, Double>();
        client.get("/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    assertThat(line).matches("vllm:[a-z_]+\\{engine=\"0\",model_name=\"tiny\"[^}]*} [0-9.E]+");
                    values.put(
                            line.substring(0, line.indexOf('{')),
                            Double.valueOf(line.substring(line.lastIndexOf(' '))));
                });
        assertThat(values)
                .containsEntry("vllm:num_requests_running", 0.0)
                .containsEntry("vllm:num_requests_waiting", 0.0)
                .containsEntry("vllm:kv_cache_usage_perc", 0.0)
                .containsEntry("vllm:generation_tokens_total", 64.0)
                .containsEntry("vllm:num_preemptions_total", 0.0)
                .containsKeys(
                        "vllm:prompt_tokens_total",
                        "vllm:prefix_cache_queries_total",
                        "vllm:prefix_cache_hits_total",
                        "vllm:request_success_total");
        assertThat(client.get("/metrics").body())
                .contains("block_size=\"16\"", "num_gpu_blocks=\"19208\"", "kv_cache_size_tokens=\"307328\"");
    }

    @Test
    void aClientThatLeavesFreesItsPlaceAtOnceStreamingOrNot() throws Exception {
        for (boolean stream : new boolean[] {true, false}) {
            long abortsBefore = replica.stats().engine().aborts();
            try (var socket = connect(replica)) {
                send(socket, chat("user", "Hi").replace("64", "100000").replace("}]", "}],\"stream\":" + stream));
                await().until(() -> replica.stats().engine().running() == 1);
            }
            await().until(() -> replica.stats().engine().aborts() == abortsBefore + 1);
            assertThat(replica.stats().engine().running()).isZero();
            assertThat(replica.stats().engine().kvUsage()).isZero();
            await().until(() -> replica.stats().connections() == 0);
        }
    }

    @Test
    void aSlowReaderGetsEveryTokenInFewerEvents() throws Exception {
        try (var fast = TwinFleet.start(SETTINGS.withSpeedUp(10_000));
                var socket = new Socket()) {
            TwinReplica sender = fast.replica(0);
            socket.setReceiveBufferSize(4096);
            socket.connect(sender.address());
            send(socket, chat("user", "Hi").replace("64", "60000").replace("}]", "}],\"stream\":true"));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> sender.stats().engine().successes() == 1);

            int tokens = 0;
            int events = 0;
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            for (String line = lines.readLine(); !line.equals("data: [DONE]"); line = lines.readLine()) {
                if (line.startsWith("data: ")) {
                    events++;
                    tokens += TwinClient.JSON
                                    .readTree(line.substring(6))
                                    .at("/choices/0/delta/content")
                                    .asString("")
                                    .length()
                            / 4;
                }
            }
            assertThat(tokens).isEqualTo(60_000);
            assertThat(events).isLessThan(60_000);
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (var socket = connect(replica)) {
            String request = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";
            String last = "GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write((request + request + last).getBytes(US_ASCII));
            String answers = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(4);
            assertThat(answers).endsWith("]}");
        }
    }

    @Test
    void rubbishOnTheWireIsRefused() throws Exception {
        try (var socket = connect(replica)) {
            socket.getOutputStream().write("HELLO\r\n\r\n".getBytes(US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void aKilledReplicaRefusesConnectionsAndComesBackCold() throws Exception {
        client.json("/v1/chat/completions", chat("user", "Hi"));
        int port = replica.address().getPort();
        try (var socket = connect(replica)) {
            send(socket, chat("user", "Hi").replace("64", "100000"));
            await().until(() -> replica.stats().engine().running() == 1);
            replica.kill();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThatThrownBy(() -> connect(replica).close()).isInstanceOf(IOException.class);
        assertThat(replica.stats().alive()).isFalse();

        replica.restart();

        assertThat(replica.address().getPort()).isEqualTo(port);
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
        assertThat(replica.stats().engine().successes()).isZero();
        assertThat(client.json("/v1/chat/completions", chat("user", "Hi"))
                        .at("/usage/prompt_tokens_details/cached_tokens")
                        .asInt())
                .isZero();
    }

    @Test
    void aStalledReplicaAcceptsAndAnswersWhenItGoesOn() throws Exception {
        replica.stall(true);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var health = executor.submit(() -> client.get("/health").statusCode());
            var chat = executor.submit(() -> client.json("/v1/chat/completions", chat("user", "Hi")));
            await().until(() -> replica.stats().connections() == 2);
            assertThat(health.isDone() || chat.isDone()).isFalse();
            replica.stall(false);
            assertThat(health.get()).isEqualTo(200);
            assertThat(chat.get().at("/usage/completion_tokens").asInt()).isEqualTo(64);
        }
    }

    @Test
    void anOrderedResetCutsTheStreamAfterSoManyEvents() throws Exception {
        replica.resetAfter(3);
        try (var socket = connect(replica)) {
            send(socket, chat("user", "Hi").replace("}]", "}],\"stream\":true,\"max_tokens\":4000"));
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
        await().until(() -> replica.stats().engine().aborts() == 1);
        replica.resetAfter(0);
        assertThatThrownBy(() -> client.json("/v1/chat/completions", chat("user", "Hi")))
                .isInstanceOf(IOException.class);
        client.json("/v1/chat/completions", chat("user", "Hi"));
    }

    @Test
    void orderedFailuresHaveVllmsShapeAndAreUsedUp() throws Exception {
        replica.failNext(503);
        replica.failNext(500);
        var busy = client.post("/v1/chat/completions", chat("user", "Hi"));
        assertThat(busy.statusCode()).isEqualTo(503);
        assertThat(TwinClient.JSON.readTree(busy.body())).isEqualTo(Recordings.json("error-admission-503.json"));
        assertThat(client.post("/v1/messages", chat("user", "Hi")).body()).startsWith("{\"type\":\"error\"");
        client.json("/v1/chat/completions", chat("user", "Hi"));
    }

    @Test
    void bodiesBeyondTheLimitAreRefusedAndTheConnectionGoesOn() throws Exception {
        var response = client.post("/v1/chat/completions", "x".repeat((16 << 20) + 1));
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
        // 8 MB are read, though no model takes so long a prompt.
        assertThat(client.post("/v1/chat/completions", chat("user", "x".repeat(8 << 20)))
                        .body())
                .contains("maximum context length");
    }

    @Test
    void aDemandedToolIsCalledInEveryDialect() throws Exception {
        String schema = "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},"
                + "\"unit\":{\"enum\":[\"C\"]},\"days\":{\"type\":\"integer\"}},\"required\":[\"city\"]}";
        String start =
                "{\"model\":\"tiny\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"Rain?\"}],";
        String function = "\"name\":\"weather\",\"parameters\":" + schema;

        JsonNode chat = client.json(
                "/v1/chat/completions",
                start + "\"tools\":[{\"type\":\"function\",\"function\":{" + function
                        + "}}],\"tool_choice\":\"required\"}");
        assertThat(chat.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
        JsonNode call = chat.at("/choices/0/message/tool_calls/0/function");
        assertThat(call.path("name").asString()).isEqualTo("weather");
        checkArguments(TwinClient.JSON.readTree(call.path("arguments").asString()));

        JsonNode message = client.json(
                "/v1/messages",
                start + "\"tools\":[{\"name\":\"weather\",\"input_schema\":" + schema
                        + "}],\"tool_choice\":{\"type\":\"tool\",\"name\":\"weather\"}}");
        assertThat(message.path("stop_reason").asString()).isEqualTo("tool_use");
        assertThat(message.at("/content/0/type").asString()).isEqualTo("tool_use");
        checkArguments(message.at("/content/0/input"));

        var pieces = new StringBuilder();
        client.stream(
                        "/v1/responses",
                        "{\"model\":\"tiny\",\"stream\":true,\"input\":\"Rain?\",\"tools\":[{\"type\":\"function\","
                                + function + "}],\"tool_choice\":{\"type\":\"function\",\"name\":\"weather\"}}")
                .stream()
                .filter(event -> event.path("type").asString().equals("response.function_call_arguments.delta"))
                .forEach(event -> pieces.append(event.path("delta").asString()));
        checkArguments(TwinClient.JSON.readTree(pieces.toString()));
    }

    private static void checkArguments(JsonNode arguments) {
        assertThat(arguments.path("city").asString()).isNotBlank();
        assertThat(arguments.path("unit").asString()).isEqualTo("C");
        assertThat(arguments.path("days").isInt()).isTrue();
    }

    @Test
    void embeddingsAreVectorsOfLengthOnePerInput() throws Exception {
        JsonNode answer =
                client.json("/v1/embeddings", "{\"model\":\"tiny\",\"input\":[\"a\",\"b\"],\"dimensions\":8}");
        assertThat(answer.path("data")).hasSize(2);
        double squares = answer.at("/data/1/embedding")
                .valueStream()
                .mapToDouble(value -> value.asDouble() * value.asDouble())
                .sum();
        assertThat(squares).isBetween(0.999, 1.001);
        assertThat(answer.at("/data/0/embedding")).hasSize(8).isNotEqualTo(answer.at("/data/1/embedding"));
        JsonNode encoded = client.json(
                "/v1/embeddings",
                "{\"model\":\"tiny\",\"input\":\"a\",\"dimensions\":8,\"encoding_format\":\"base64\"}");
        assertThat(Base64.getDecoder().decode(encoded.at("/data/0/embedding").asString()))
                .hasSize(32);
    }

    @Test
    void streamIntervalMergesTokensBehindTheFirst() throws Exception {
        try (var merging = TwinFleet.start(SETTINGS.withStreamInterval(10));
                var mergingClient = new TwinClient(merging.replica(0))) {
            var events = mergingClient.stream(
                    "/v1/chat/completions", chat("user", "Hi").replace("}]", "}],\"stream\":true"));
            // The role, 1 token, 6 × 10 tokens, 3 tokens.
            assertThat(events).hasSize(1 + 1 + 6 + 1);
        }
    }

    @Test
    void aPortThatIsTakenIsReported() {
        int taken = replica.address().getPort();
        assertThatThrownBy(() -> TwinFleet.start(SETTINGS.withListen("127.0.0.1", taken)))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on 127.0.0.1:" + taken);
    }

    @Test
    void settingsSayWhatTheyExpect() {
        assertThatThrownBy(() -> SETTINGS.withSpeedUp(0)).hasMessage("speedUp: 0.0 (expected: > 0)");
        assertThatThrownBy(() -> SETTINGS.withListen("127.0.0.1", 65_536)).hasMessageContaining("port: 65536");
        assertThatThrownBy(() -> SETTINGS.withModels(List.of())).hasMessageContaining("models: []");
    }

    private static Socket connect(TwinReplica replica) throws IOException {
        return new Socket(replica.address().getAddress(), replica.address().getPort());
    }

    private static void send(Socket socket, String body) throws IOException {
        socket.getOutputStream()
                .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                + body)
                        .getBytes(US_ASCII));
    }

    /** Returns a chat body that asks for 64 tokens. */
    private static String chat(String... rolesAndTexts) {
        var json = new StringBuilder("{\"model\":\"tiny\",\"max_tokens\":64,\"messages\":[");
        for (int i = 0; i < rolesAndTexts.length; i += 2) {
            json.append(i == 0 ? "" : ",")
                    .append("{\"role\":\"")
                    .append(rolesAndTexts[i])
                    .append("\",\"content\":\"")
                    .append(rolesAndTexts[i + 1])
                    .append("\"}");
        }
        return json.append("]}").toString();
    }
}
