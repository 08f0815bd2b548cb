package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.tenancy.TextPattern;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which paths reach an engine, and how. */
class PathsTest {
    private static final String TYPE = "Content-Type: multipart/form-data; boundary=XyZ\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/rerank",
                "/rerank",
                "/v2/rerank",
                "/v1/score",
                "/score",
                "/tokenize",
                "/detokenize",
                "/v1/messages/count_tokens",
                "/v1/audio/speech",
                "/v1/images/generations",
                "/v1/files",
                "/v1/batches",
                "/v1/fine_tuning/jobs",
                "/v1/vector_stores",
                "/v1/load_lora_adapters_are_nice"
            })
    void isOpen(String path) throws IOException {
        try (var engine = FakeEngine.start(call -> call.json(200, "{}"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            String body = "{\"model\":\"m\",\"query\":\"q\"}";
            assertThat(client.post(path, body).response().status()).isEqualTo(200);
            assertThat(engine.requests().getLast().line()).isEqualTo("POST " + path + " HTTP/1.1");
            assertThat(engine.requests().getLast().text()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/metrics",
                "/health",
                "/shutdown",
                "/abort_requests",
                "/reset_prefix_cache",
                "/update_weights",
                "/collective_rpc",
                "/inference/v1/generate",
                "/rerank/",
                "/rerank/../metrics",
                "/v1/load_lora_adapter",
                "/v1/unload_lora_adapter",
                "/v1/load_lora_adapter/",
                "/v1//load_lora_adapter",
                "/v1/%6coad_lora_adapter",
                "/v1/LOAD_lora_adapter",
                "/v1/load_lora_adapter%20",
                "/v1%2f..%2fmetrics",
                "/v1/%2e%2e/metrics",
                "/v1/x%5c..%5cmetrics"
            })
    void isClosed(String path) throws IOException {
        try (var engine = FakeEngine.start(call -> call.json(200, "{}"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            assertThat(client.post(path, "{}").response().status()).isEqualTo(404);
            assertThat(engine.requests()).isEmpty();
        }
    }

    @Test
    void isOpenedByConfiguration() throws IOException {
        var opened = Set.of(new TextPattern("/v1/load_lora_adapter", false), new TextPattern("/inference/", true));
        try (var engine = FakeEngine.start(call -> call.json(200, "{}"));
                var gateway = Gateway.start(s -> Gateway.opened(s, opened), engine.uri());
                var client = gateway.client()) {
            assertThat(client.post("/v1/load_lora_adapter", "{}").response().status())
                    .isEqualTo(200);
            assertThat(client.post("/inference/v1/generate", "{}").response().status())
                    .isEqualTo(200);
            assertThat(client.post("/inference/../metrics", "{}").response().status())
                    .isEqualTo(404);
            assertThat(client.post("/v1/unload_lora_adapter", "{}").response().status())
                    .isEqualTo(404);
        }
    }

    @Test
    void theModelDecidesWhereOneIsNamed() throws IOException {
        try (var engine = FakeEngine.start(call -> call.json(200, "{\"input_tokens\":7}"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            // The endpoint has not told its models, so another than the configured one may still be there.
            gateway.endpoint(0).models(Set.of("m"));
            for (String path : new String[] {"/v1/messages/count_tokens", "/tokenize", "/v1/audio/speech"}) {
                assertThat(client.post(path, "{\"model\":\"nope\"}").response().status())
                        .isEqualTo(404);
            }
            assertThat(client.post("/v1/messages/count_tokens", "{\"model\":\"nope\"}")
                            .response()
                            .text())
                    .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"");
            assertThat(engine.requests()).isEmpty();
            assertThat(client.post("/tokenize", "{\"prompt\":\"x\"}").response().status())
                    .isEqualTo(200);
            assertThat(client.post("/tokenize", "not json").response().status()).isEqualTo(200);
            assertThat(client.post("/v1/messages/count_tokens", "{\"model\":\"m\"}")
                            .response()
                            .text())
                    .isEqualTo("{\"input_tokens\":7}");
            var report = gateway.report(7);
            assertThat(report.model()).isEqualTo("m");
            assertThat(report.dialect()).isEqualTo("by-model");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFormStreamsThroughOnceItsModelIsKnown(boolean chunked) throws IOException {
        byte[] file = new byte[3 << 20];
        new Random(5).nextBytes(file);
        byte[] body = form("--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n", file);
        try (var engine = FakeEngine.start(call -> call.json(200, "{\"text\":\"hi\"}"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int i = 1; i <= 2; i++) {
                if (chunked) {
                    client.send("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n"
                            + TYPE + "\r\n");
                    for (int at = 0; at < body.length; at += 100_000) {
                        int size = Math.min(100_000, body.length - at);
                        client.send(Integer.toHexString(size) + "\r\n")
                                .send(Arrays.copyOfRange(body, at, at + size))
                                .send("\r\n");
                    }
                    client.send("0\r\n\r\n");
                } else {
                    post(client, body);
                }
                assertThat(client.response().text()).isEqualTo("{\"text\":\"hi\"}");
                assertThat(engine.requests().getLast().body()).isEqualTo(body);
                var report = gateway.report(i);
                assertThat(report.model()).isEqualTo("m");
                assertThat(report.outcome()).isEqualTo(Outcome.OK);
                assertThat(report.dialect()).isEqualTo("upload");
            }
        }
    }

    @Test
    void aSmallFormIsSentWholeAndSeesItsClientLeave() throws IOException {
        byte[] body = form("--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n", new byte[10]);
        try (var engine = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            post(client, body);
            await().until(() -> engine.requests().size() == 1);
            client.reset();
            assertThat(gateway.report(1).outcome()).isEqualTo(Outcome.CLIENT_GONE);
            await().until(() -> engine.departures() == 1);
        }
    }

    @Test
    void aFormWithoutModelGoesByLoad() throws IOException {
        byte[] body = form("", new byte[400_000]);
        try (var engine = FakeEngine.start(call -> call.json(200, "{}"));
                var gateway = Gateway.start(URI.create("http://127.0.0.1:1"), engine.uri());
                var client = gateway.client()) {
            post(client, body);
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(engine.requests().getLast().body()).isEqualTo(body);
        }
    }

    @Test
    void modelsAreToldInTheFormOfTheCaller() throws IOException {
        try (var engine = FakeEngine.start(call -> call.json(200, "{}"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            assertThat(client.get("/v1/models/org/m").response().text()).isEqualTo("{\"openai\":1}");
            assertThat(client.get("/v1/models/org%2Fm").response().text()).isEqualTo("{\"openai\":1}");
            assertThat(client.get("/v1/models/").response().text()).isEqualTo(Gateway.MODELS);
            var missing = client.get("/v1/models/nope").response();
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.text()).contains("model_not_found", "nope");
            String anthropic = " HTTP/1.1\r\nHost: g\r\nanthropic-version: 2023-06-01\r\n\r\n";
            assertThat(client.send("GET /v1/models" + anthropic).response().text())
                    .isEqualTo("[\"anthropic\"]");
            assertThat(client.send("GET /v1/models/org%2fm" + anthropic)
                            .response()
                            .text())
                    .isEqualTo("{\"anthropic\":1}");
            missing = client.send("GET /v1/models/nope" + anthropic).response();
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.text()).startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"");
            assertThat(client.post("/v1/models/org/m", "{}").response().status())
                    .isEqualTo(405);
            assertThat(engine.requests()).isEmpty();
        }
    }

    private static byte[] form(String fields, byte[] file) {
        return (fields + "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"
                        + new String(file, ISO_8859_1) + "\r\n--XyZ--\r\n")
                .getBytes(ISO_8859_1);
    }

    private static void post(Client client, byte[] body) throws IOException {
        client.send("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: g\r\nContent-Length: " + body.length + "\r\n"
                        + TYPE + "\r\n")
                .send(body);
    }
}
