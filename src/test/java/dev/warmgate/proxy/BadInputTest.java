package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {
    private static final int MAX_BODY = 200_000;

    private final FakeEngine engine = FakeEngine.start(call -> call.chat("ok"));
    private final Gateway gateway = Gateway.start(Gateway.limits(MAX_BODY, 4096), engine.uri());
    private Client client;

    @BeforeEach
    void connect() throws IOException {
        client = gateway.client();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        gateway.close();
        engine.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "not json",
                "{\"model\":\"m\"",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"cut of",
                "{\"model\":5,\"messages\":[]}",
                "{\"model\":\"m\",\"messages\":\"text\"}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                "{\"model\":\"m\",\"stream\":\"yes\",\"messages\":[]}",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\uZZZZ\"}]}"
            })
    void aBodyThatCannotBeUnderstoodIsRefusedInTheCallersDialect(String body) throws IOException {
        for (String path : new String[] {"/v1/chat/completions", "/v1/messages"}) {
            var answer = client.post(path, body).response();
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.field("content-type")).isEqualTo("application/json");
            assertThat(answer.text())
                    .startsWith(path.endsWith("messages") ? "{\"type\":\"error\",\"error\"" : "{\"error\"");
            assertThat(answer.text()).contains("invalid_request_error");
        }
        assertThat(engine.requests()).isEmpty();
        assertStillServed();
        assertThat(gateway.report(3).outcome()).isEqualTo(Outcome.OK);
        assertThat(gateway.reports().iterator().next().outcome()).isEqualTo(Outcome.CLIENT_ERROR);
    }

    @Test
    void invalidUtf8IsRefused() throws IOException {
        byte[] body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\u00ff\u00fe\u00c0\"}]}"
                .getBytes(ISO_8859_1);
        assertThat(client.post("/v1/chat/completions", "", body).response().status())
                .isEqualTo(400);
        assertStillServed();
    }

    @Test
    void deepNestingIsRefused() throws IOException {
        String deep = "{\"model\":\"m\",\"messages\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}";
        assertThat(client.post("/v1/chat/completions", deep).response().status())
                .isEqualTo(400);
        assertStillServed();
    }

    @Test
    void anUnknownModelIsAnsweredWithTheKnownOnes() throws IOException {
        gateway.endpoint(0).models(java.util.Set.of("m", "other"));
        for (String path : new String[] {"/v1/chat/completions", "/v1/messages", "/v1/completions"}) {
            String body = Client.chatBody("gpt-9", false).replace("\"messages\"", "\"prompt\":\"x\",\"messages\"");
            var answer = client.post(path, body).response();
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).contains("gpt-9", "m, other");
            assertThat(answer.text()).startsWith(path.endsWith("messages") ? "{\"type\":\"error\"" : "{\"error\"");
        }
        assertStillServed();
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedByItsAnnouncedLength() throws IOException {
        client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: " + (MAX_BODY + 1) + "\r\n\r\n");
        var answer = client.response();
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text()).contains(MAX_BODY + " bytes", "limits.maxBodyBytes");
        assertThat(answer.field("connection")).isEqualTo("close");
        assertThat(client.closed()).isTrue();
    }

    @Test
    void aClientThatExpectsContinueIsRefusedBeforeItSends() throws IOException {
        client.send("POST /v1/chat/completions HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + (MAX_BODY + 1)
                + "\r\n\r\n");
        assertThat(client.responseHead().status()).isEqualTo(413);
    }

    @Test
    void aClientThatSendsOnGetsTheRefusalAllTheSame() throws IOException {
        byte[] body = new byte[8 << 20];
        assertThat(client.post("/v1/messages", "", body).response().status()).isEqualTo(413);
    }

    @Test
    void aChunkedBodyBeyondTheLimitIsRefused() throws IOException {
        client.send("POST /v1/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        String chunk = "4000\r\n" + " ".repeat(0x4000) + "\r\n";
        client.send(chunk.repeat(20) + "0\r\n\r\n");
        var answer = client.response();
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text()).startsWith("{\"type\":\"error\"").contains("limits.maxBodyBytes");
    }

    @Test
    void aBodyOfExactlyTheLimitPasses() throws IOException {
        String body = Client.chatBody("m", false);
        body += " ".repeat(MAX_BODY - body.length());
        assertThat(client.post("/v1/chat/completions", body).response().status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "many", "line"})
    void aHeaderFloodIsRefused(String how) throws IOException {
        client.send(
                switch (how) {
                    case "one" -> "GET /v1/models HTTP/1.1\r\nX: " + "x".repeat(10_000) + "\r\n\r\n";
                    case "many" -> "GET /v1/models HTTP/1.1\r\n" + "X-Flood: 1\r\n".repeat(1_000) + "\r\n";
                    default -> "GET /v1/" + "x".repeat(10_000) + " HTTP/1.1\r\n\r\n";
                });
        var answer = client.response();
        assertThat(answer.status()).isEqualTo(431);
        assertThat(answer.text()).contains("limits.maxHeaderBytes");
        assertThat(client.closed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nTransfer-Encoding: chunked",
                "Content-Length: 5\r\nContent-Length: 6",
                "Content-Length: 5, 6",
                "Content-Length: +5",
                "Content-Length: -5",
                "Content-Length: 99999999999999999999",
                "Transfer-Encoding: gzip",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding : chunked",
                "X\u0000Y: 1",
                "X: a\u0000b",
                "no colon"
            })
    void ambiguousFramingIsRefused(String fields) throws IOException {
        for (String path : new String[] {"/v1/chat/completions", "/v1/files"}) {
            try (var other = gateway.client()) {
                other.send("POST " + path + " HTTP/1.1\r\nHost: g\r\n" + fields + "\r\n\r\n0\r\n\r\n");
                var answer = other.response();
                assertThat(answer.status()).as(fields).isEqualTo(400);
                assertThat(other.closed()).isTrue();
            }
        }
        assertThat(engine.requests()).isEmpty();
    }

    @Test
    void brokenChunksAreRefused() throws IOException {
        client.send("POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n");
        assertThat(client.response().status()).isEqualTo(400);
        assertThat(client.closed()).isTrue();
    }

    /** An engine that takes the one would pass bytes that nobody reads; with the other it would tell its key. */
    @ParameterizedTest
    @ValueSource(strings = {"CONNECT", "TRACE"})
    void methodsOfProxiesAreNotForwarded(String method) throws IOException {
        client.send(method + " /v1/realtime HTTP/1.1\r\nHost: g\r\n\r\n");
        assertThat(client.response().status()).isEqualTo(405);
        assertThat(engine.requests()).isEmpty();
    }

    @Test
    void somethingThatIsNotHttpIsRefused() throws IOException {
        client.send("EHLO example.org\r\n\r\n");
        assertThat(client.response().status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/metrics",
                "/v2/models",
                "/v1",
                "/v1/../metrics",
                "/v1/%2e%2e/metrics",
                "/v1/x/%2E./y",
                "/v1/..%2fmetrics",
                "/v1/..\\metrics",
                "*"
            })
    void pathsOutsideTheApiAreNotForwarded(String path) throws IOException {
        var answer = client.get(path).response();
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text()).contains("/v1/chat/completions");
        assertThat(engine.requests()).isEmpty();
        assertStillServed();
    }

    @Test
    void aBodyThatComesTooSlowlyIsRefused() throws IOException {
        var quick = Gateway.timeouts(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMillis(100));
        try (var impatient = Gateway.start(quick, engine.uri())) {
            for (String path : new String[] {"/v1/chat/completions", "/v1/files"}) {
                try (var slow = impatient.client()) {
                    slow.send("POST " + path + " HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
                    assertThat(slow.response().status()).isEqualTo(408);
                    assertThat(slow.closed()).isTrue();
                }
            }
            assertThat(impatient.outcome(2)).isEqualTo(Outcome.CLIENT_ERROR);
            assertThat(impatient.endpoint(0).available()).isTrue();
        }
    }

    @Test
    void whatIsLeftBehindABadBodyIsRefusedAtOnce() throws IOException {
        client.post("/v1/completions", "Expect: 100-continue\r\n", "{\"model\":\"m\"&".getBytes(UTF_8));
        client.send("\r\nHost: g\r\nConnection: close\r\n\r\n");
        assertThat(client.responseHead().status()).isEqualTo(100);
        assertThat(client.response().status()).isEqualTo(400);
        assertThat(client.response().status()).isEqualTo(400);
        assertThat(client.closed()).isTrue();
    }

    private void assertStillServed() throws IOException {
        assertThat(client.chat(false).response().status()).isEqualTo(200);
    }
}
