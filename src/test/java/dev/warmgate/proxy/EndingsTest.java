package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.RequestReport.Outcome;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client hears when an engine dies inside its answer: that it did, in the client's dialect, and no good end. */
class EndingsTest {
    private static final HealthPolicy NEVER_EJECTED =
            new HealthPolicy(1_000, Duration.ofMillis(1), Duration.ofMillis(1));

    private static final Duration LONG = Duration.ofMinutes(1);

    /** Ways for an engine to die. */
    private static void die(FakeEngine.Call call, String how) throws IOException {
        switch (how) {
            case "reset" -> call.reset();
            case "close" -> call.close();
            case "stall" -> call.awaitDeparture();
            case "end" -> call.raw("0\r\n\r\n");
            default -> throw new IllegalArgumentException(how);
        }
    }

    private static Gateway gateway(FakeEngine engine) {
        return Gateway.start(Gateway.timeouts(LONG, Duration.ofMillis(150), LONG), NEVER_EJECTED, engine.uri());
    }

    /** Reads chunks until the connection ends without the last one. */
    private static String brokenBody(Client client) {
        var chunks = new ArrayList<String>();
        assertThatThrownBy(() -> {
                    for (String chunk = client.chunk(); !chunk.isEmpty(); chunk = client.chunk()) {
                        chunks.add(chunk);
                    }
                })
                .as("the answer must not end as if it were whole: %s", chunks)
                .isInstanceOf(EOFException.class);
        return String.join("", chunks);
    }

    private static String body(String path) {
        return switch (path) {
            case "completions" -> "{\"model\":\"m\",\"stream\":true,\"prompt\":\"Hello\"}";
            case "responses" -> "{\"model\":\"m\",\"stream\":true,\"input\":\"Hello\"}";
            default -> Client.chatBody("m", true);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "chat/completions, reset",
        "chat/completions, close",
        "chat/completions, stall",
        "chat/completions, end",
        "completions, reset",
        "completions, end",
        "responses, reset",
        "responses, stall",
        "responses, end",
        "messages, reset",
        "messages, stall",
        "messages, end"
    })
    void aStreamWhoseEngineDiesEndsWithAnErrorOfItsDialect(String path, String how) throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("one");
                    // Half an event, of which the client gets nothing: the error would become part of it.
                    call.chunk("data: {\"half\":\"an eve");
                    die(call, how);
                });
                var gateway = gateway(engine);
                var client = gateway.client()) {
            client.post("/v1/" + path, body(path));
            assertThat(client.responseHead().status()).isEqualTo(200);
            String body = brokenBody(client);
            boolean stalled = how.equals("stall");
            String said = stalled
                    ? "stopped inside its answer and sent nothing for too long. What came is not all. Try again."
                    : "failed inside its answer. What came is not all. Try again.";
            assertThat(body)
                    .startsWith("data: {\"object\"")
                    .contains("\"one\"")
                    .doesNotContain("half")
                    .contains(said);
            switch (path) {
                case "messages" ->
                    assertThat(body)
                            .contains("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\""
                                    + (stalled ? "timeout_error" : "api_error"));
                case "responses" -> assertThat(body).contains("event: error\ndata: {\"type\":\"error\",\"code\":\"");
                default -> assertThat(body).endsWith("""
                            data: {"error":{"message":"The endpoint %s","type":"server_error","param":null,"code":"%s"}}

                            data: [DONE]

                            """.formatted(said, stalled ? "gateway_timeout" : "bad_gateway"));
            }
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
            if (stalled) {
                await().until(() -> engine.departures() == 1);
            }
        }
    }

    @Test
    void anHttp10ClientHearsIt() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("one");
                    call.reset();
                });
                var gateway = gateway(engine);
                var client = gateway.client()) {
            String body = Client.chatBody("m", true);
            client.send("POST /v1/chat/completions HTTP/1.0\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(client.response().text()).contains("\"one\"").contains("failed inside its answer");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "close", "stall", "end"})
    void anAnswerThatIsNotStreamedIsLeftUnfinished(String how) throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
                    call.chunk("{\"choices\":[{\"message\":{\"content\":\"half");
                    die(call, how);
                });
                var gateway = gateway(engine);
                var client = gateway.client()) {
            client.chat(false).responseHead();
            assertThat(brokenBody(client)).isEqualTo("{\"choices\":[{\"message\":{\"content\":\"half");
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    /** What only misses its end mark is whole, and so is what ends with an error of the engine's own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
                "{\"error\":{\"message\":\"EngineCore encountered an issue\",\"code\":500}}"
            })
    void aStreamThatSaysWhyItEndsIsLeftAsItIs(String last) throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("one");
                    call.event(last);
                    call.raw("0\r\n\r\n");
                });
                var gateway = gateway(engine);
                var client = gateway.client()) {
            assertThat(client.chat(true).response().text()).endsWith("data: " + last + "\n\n");
            assertThat(gateway.outcome(1)).isEqualTo(last.contains("error") ? Outcome.ENDPOINT_ERROR : Outcome.OK);
        }
    }

    /** vLLM ends streams with an error and its usual end mark when its engine has died: no success for its health. */
    @Test
    void anEndpointWhoseStreamsEndWithErrorsIsEjected() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.event("{\"error\":{\"message\":\"EngineCore encountered an issue\",\"code\":500}}");
                    call.endStream();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int i = 0; i < HealthPolicy.DEFAULT.consecutiveFailures(); i++) {
                assertThat(client.chat(true).response().status()).isEqualTo(200);
            }
            await().untilAsserted(
                            () -> assertThat(gateway.endpoint(0).available()).isFalse());
        }
    }
}
