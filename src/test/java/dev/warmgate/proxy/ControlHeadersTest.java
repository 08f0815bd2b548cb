package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.engine.link.EngineLinks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What steers gateways and sidecars never reaches an engine from a client, however it is written. */
class ControlHeadersTest {
    /** Every name that the endpoint picker of the Gateway API Inference Extension and llm-d reads or writes, and ours. */
    private static final List<String> NAMES = List.of(
            "x-llm-d-inference-objective",
            "x-gateway-inference-objective",
            "x-llm-d-inference-fairness-id",
            "x-gateway-inference-fairness-id",
            "x-llm-d-model-name-rewrite",
            "x-gateway-model-name-rewrite",
            "x-llm-d-slo-ttft-ms",
            "x-slo-ttft-ms",
            "x-llm-d-slo-tpot-ms",
            "x-slo-tpot-ms",
            "x-llm-d-video-fps",
            "x-llm-d-video-duration-seconds",
            "x-llm-d-video-resolution",
            "x-llm-d-request-dropped-reason",
            "x-gateway-destination-endpoint",
            "x-gateway-destination-endpoint-subset",
            "x-gateway-destination-endpoint-served",
            "x-gateway-destination-endpoint-scores",
            "x-prefiller-host-port",
            "x-encoder-hosts-ports",
            "x-data-parallel-host-port",
            "x-kv-cache-source-host-port",
            "x-session-token",
            "x-original-path",
            "x-forwarded-path",
            "x-went-into-resp-headers",
            "x-conformance-test-served-endpoint",
            "epp-profile",
            "test-epp-endpoint-selection",
            "x-warmgate-priority",
            "x-warmgate-anything",
            "x-request-timeout-ms");

    private static List<String> writings(String name) {
        var odd = new StringBuilder(name);
        for (int i = 0; i < odd.length(); i += 2) {
            odd.setCharAt(i, Character.toUpperCase(odd.charAt(i)));
        }
        return List.of(name, name.toUpperCase(Locale.ROOT), odd.toString());
    }

    private static String value(String name) {
        return name.endsWith("-ms") ? "30000" : name.endsWith("priority") ? "-1" : "10.0.0.1:8000";
    }

    private static void assertClean(FakeEngine engine, int requests) {
        assertThat(engine.requests()).hasSize(requests);
        assertThat(engine.requests().getLast().fields()).allSatisfy(field -> {
            String name = field.substring(0, field.indexOf(':')).toLowerCase(Locale.ROOT);
            assertThat(NAMES).doesNotContain(name);
        });
    }

    @Test
    void noneOfThemReachesAnEngine() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            byte[] body = Client.chatBody("m", false).getBytes(UTF_8);
            int requests = 0;
            for (String name : NAMES) {
                for (String written : writings(name)) {
                    String field = written + ": " + value(name) + "\r\n";
                    assertThat(client.post("/v1/chat/completions", field, body)
                                    .response()
                                    .status())
                            .as(written)
                            .isEqualTo(200);
                    assertClean(engine, ++requests);
                }
            }
            // All at once, each three times, and named as a field of the connection.
            var all = new StringBuilder("Connection: " + String.join(", ", NAMES) + "\r\n");
            NAMES.forEach(name -> writings(name)
                    .forEach(written ->
                            all.append(written).append(": ").append(value(name)).append("\r\n")));
            assertThat(client.post("/v1/chat/completions", all.toString(), body)
                            .response()
                            .status())
                    .isEqualTo(200);
            assertClean(engine, ++requests);
            assertThat(client.post("/v1/thing", all.toString(), body).response().status())
                    .isEqualTo(200);
            assertClean(engine, ++requests);
        }
    }

    @Test
    void norAsTrailers() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            String body = Client.chatBody("m", false);
            var trailers = new ArrayList<String>();
            NAMES.forEach(name -> writings(name).forEach(written -> trailers.add(written + ": " + value(name))));
            int requests = 0;
            for (String path : List.of("/v1/chat/completions", "/v1/thing")) {
                client.send("POST " + path + " HTTP/1.1\r\nHost: g\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n"
                        + "Content-Type: application/json\r\nTrailer: " + String.join(", ", NAMES) + "\r\n\r\n"
                        + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n"
                        + String.join("\r\n", trailers)
                        + "\r\n\r\n");
                assertThat(client.response().status()).isEqualTo(200);
                // An engine that saw trailers would take them for the beginning of another request.
                assertClean(engine, ++requests);
            }
            assertThat(client.chat(false).response().status()).isEqualTo(200);
            assertClean(engine, ++requests);
        }
    }

    @Test
    void atATrustedListenerTheyPass() throws IOException {
        var outbound = new Outbound(EngineLinks.plain(), List.of(), true);
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Gateway.Options.DEFAULT.outbound(outbound), engine.uri());
                var client = gateway.client()) {
            String fields = "x-prefiller-host-port: 10.0.0.1:8000\r\nX-Forwarded-For: 192.0.2.1\r\n";
            client.post(
                    "/v1/chat/completions", fields, Client.chatBody("m", false).getBytes(UTF_8));
            assertThat(client.response().status()).isEqualTo(200);
            var request = engine.requests().getLast();
            assertThat(request.field("x-prefiller-host-port")).isEqualTo("10.0.0.1:8000");
            assertThat(request.field("x-forwarded-for")).isEqualTo("192.0.2.1, 127.0.0.1");
            assertThat(gateway.report(1).client()).isEqualTo("192.0.2.1");
        }
    }

    /** Whoever may tell of its clients may not steer sidecars for that. */
    @Test
    void fromATrustedProxyTheyDoNot() throws IOException {
        List<Subnet> loopback = List.of(Objects.requireNonNull(Subnet.parse("127.0.0.0/8")));
        var outbound = new Outbound(EngineLinks.plain(), loopback);
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Gateway.Options.DEFAULT.outbound(outbound), engine.uri());
                var client = gateway.client()) {
            byte[] body = Client.chatBody("m", false).getBytes(UTF_8);
            client.post("/v1/chat/completions", "x-prefiller-host-port: 10.0.0.1:8000\r\n", body);
            assertThat(client.response().status()).isEqualTo(200);
            assertClean(engine, 1);
        }
    }
}
