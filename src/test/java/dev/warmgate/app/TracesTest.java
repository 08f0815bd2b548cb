package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.testing.TraceReceiver;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway, an engine that looks at headers, and a receiver of traces. */
@Timeout(120)
class TracesTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @TempDir
    private Path folder;

    private final List<Headers> asked = new CopyOnWriteArrayList<>();
    private HttpServer engine;
    private TraceReceiver receiver;

    @BeforeEach
    void open() throws IOException {
        receiver = TraceReceiver.start();
        engine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        engine.createContext("/v1/chat/completions", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                asked.add(exchange.getRequestHeaders());
                byte[] answer = "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}"
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        engine.start();
    }

    @AfterEach
    void close() {
        engine.stop(0);
        receiver.close();
    }

    private Gateway start(String tracing) throws Exception {
        write(tracing);
        var overrides = new Overrides("test", List.of(), "127.0.0.1:0", "127.0.0.1:0", null, null);
        var loader = new ConfigLoader(Map.of("RECEIVER_TOKEN", "token-0123456789"));
        var file = new ConfigFile(loader, folder.resolve("gateway.yaml"), overrides);
        return Gateway.start(Doors.Which.CONFIGURED, file.load(), file, OutputStream.nullOutputStream(), () -> {});
    }

    private void write(String tracing) throws IOException {
        Files.writeString(
                folder.resolve("gateway.yaml"),
                "pools: [{endpoints: [\"http://127.0.0.1:" + engine.getAddress().getPort() + "\"]}]\n" + tracing);
    }

    private String tracing(String more) {
        return "tracing: {endpoint: \"" + receiver.url() + "\"" + more + "}\n";
    }

    private TraceReceiver.Received awaitSpan(int index) {
        await().atMost(Duration.ofSeconds(30)).until(() -> receiver.spans().size() > index);
        return receiver.spans().get(index);
    }

    @Test
    void aRequestIsASpanOfItsClientsTraceAndTheParentOfTheEnginesWork() throws Exception {
        try (var gateway = start(tracing(", sampleRatio: 0, serviceName: gate-7,"
                + " headers: {Authorization: \"Bearer ${RECEIVER_TOKEN}\"}"))) {
            var admin = Admin.of(gateway);
            var answer = admin.chat("traceparent", "00-" + TRACE + "-" + SPAN + "-01", "tracestate", "vendor=7")
                    .get();
            assertThat(answer.statusCode()).isEqualTo(200);
            var received = awaitSpan(0);
            assertThat(received.traceId()).isEqualTo(TRACE);
            assertThat(received.parentSpanId()).isEqualTo(SPAN);
            assertThat(received.sender()).isEqualTo("Bearer token-0123456789");
            assertThat(received.resource()).containsEntry("service.name", "gate-7");
            assertThat(received.attributes())
                    .containsEntry("gen_ai.request.model", "tiny")
                    .containsEntry("gen_ai.usage.output_tokens", 1L)
                    .containsEntry("warmgate.outcome", "ok")
                    .containsEntry("warmgate.policy", "warm")
                    .containsEntry(
                            "warmgate.endpoint",
                            "127.0.0.1:" + engine.getAddress().getPort())
                    .containsKeys("warmgate.predicted.cost", "warmgate.predicted.cached_tokens");
            assertThat(received.span().toString()).doesNotContain("Hello");
            assertThat(asked.getFirst().get("traceparent"))
                    .containsExactly("00-" + TRACE + "-" + received.spanId() + "-01");
            assertThat(asked.getFirst().getFirst("tracestate")).isEqualTo("vendor=7");
            assertThat(admin.get("/metrics")).contains("warmgate_spans_dropped_total 0");
        }
    }

    @Test
    void aTraceThatBeginsHereHasNoStateAndOneThatIsNotSampledGoesOnUnseen() throws Exception {
        try (var gateway = start(tracing(""))) {
            var admin = Admin.of(gateway);
            admin.chat("traceparent", "00-" + TRACE + "-" + SPAN + "-00").get();
            admin.chat("traceparent", "nonsense", "tracestate", "vendor=7").get();
            admin.chat(
                            "traceparent",
                            "00-" + TRACE + "-" + SPAN + "-01",
                            "traceparent",
                            "00-" + TRACE + "-" + SPAN + "-00")
                    .get();
            assertThat(asked.getFirst().getFirst("traceparent"))
                    .matches("00-" + TRACE + "-(?!" + SPAN + ")[0-9a-f]{16}-00");
            var received = awaitSpan(1);
            assertThat(receiver.spans()).hasSize(2).allSatisfy(span -> {
                assertThat(span.parentSpanId()).isEmpty();
                assertThat(span.traceId()).isNotEqualTo(TRACE);
            });
            assertThat(asked.get(1)).doesNotContainKey("tracestate");
            assertThat(asked.getLast().get("traceparent"))
                    .containsExactly("00-" + received.traceId() + "-" + received.spanId() + "-01");
        }
    }

    @Test
    void aReceiverThatIsDownCostsSpansAndTheConfigurationCanNameAnother() throws Exception {
        int closedPort;
        try (var socket = new ServerSocket(0)) {
            closedPort = socket.getLocalPort();
        }
        try (var gateway = start("")) {
            var admin = Admin.of(gateway);
            String parent = "00-" + TRACE + "-" + SPAN + "-01";
            assertThat(admin.chat("traceparent", parent).get().statusCode()).isEqualTo(200);
            assertThat(asked.getFirst().getFirst("traceparent")).isEqualTo(parent);
            write("tracing: {endpoint: \"http://127.0.0.1:" + closedPort + "\"}\n");
            assertThat(admin.post("/admin/reload").body()).contains("applied");
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(admin.get("/metrics")).contains("warmgate_spans_dropped_total 1"));
            write(tracing(""));
            assertThat(admin.post("/admin/reload").body()).contains("applied");
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            awaitSpan(0);
            await().untilAsserted(() -> assertThat(admin.get("/metrics"))
                    .contains("warmgate_spans_dropped_total 1", "warmgate_spans_exported_total 1"));
        }
    }
}
