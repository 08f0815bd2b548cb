package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.engine.link.EngineKey;
import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.TlsSettings;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.Warm;
import dev.warmgate.testing.H2Engine;
import dev.warmgate.testing.TestCertificates;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where requests are sent in HTTP/2 the monitor's questions are too. */
@Timeout(60)
class EndpointHttp2Test {
    private static final String MODELS = "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}";

    private static EngineLinks links(TlsSettings tls) throws Exception {
        var settings = new LinkSettings(Protocol.HTTP2, new EngineKey.Given("own-key"), tls);
        return EngineLinks.of(new EngineLinks.Settings(Map.of("main", settings), Map.of()));
    }

    private static EngineLinks links() throws Exception {
        return links(TlsSettings.DEFAULT);
    }

    private static Pool pool(URI engine) {
        return new Pool(
                PoolSpec.of("main", List.of(EndpointSpec.of(engine))), new Warm(), System::nanoTime, new Random(1));
    }

    private static EndpointHttp http(URI engine) throws Exception {
        var links = links();
        Endpoint endpoint = pool(engine).endpoints().getFirst();
        return new EndpointHttp(endpoint, () -> links.of("main", endpoint.name()));
    }

    private static EndpointHttp.Answer health(EndpointHttp http) throws IOException {
        return http.get("/health", "*/*", Duration.ofSeconds(5), 1_000, EndpointHttp.Body.NONE);
    }

    /** What an engine answers that is well. */
    private static void answer(H2Engine.Call call) {
        String path = call.field(":path");
        boolean known = path.equals("/health") || call.field("authorization").equals("Bearer own-key");
        call.head(known ? 200 : 401, "text/plain", false);
        call.data(
                switch (path) {
                    case "/v1/models" -> MODELS;
                    case "/metrics" -> "vllm:num_requests_running 3\nvllm:num_requests_waiting 0\n";
                    case "/v1/completions" -> "data: {\"choices\":[{\"text\":\"a\"}]}\n\ndata: [DONE]\n\n";
                    default -> "";
                },
                true);
    }

    private static boolean good(H2Engine engine, EngineLinks links) throws Exception {
        var pool = pool(engine.uri());
        var router = new Router(List.of(pool));
        var catalog = new ModelCatalog(router);
        try (var monitor = EndpointMonitor.start(router, MonitorSettings.DEFAULT, links, Map.of(), catalog)) {
            assertThat(monitor.awaitFirstRound(Duration.ofSeconds(30))).isTrue();
            var endpoint = pool.endpoints().getFirst();
            if (endpoint.available()) {
                assertThat(endpoint.models()).containsExactly("m");
                assertThat(monitor.engine(endpoint.name())).isEqualTo(EngineKind.VLLM);
            }
            return endpoint.available();
        }
    }

    @Test
    void allIsAskedOverOneConnection() throws Exception {
        try (var engine = H2Engine.start(EndpointHttp2Test::answer)) {
            assertThat(good(engine, links())).isTrue();
            assertThat(engine.connections()).isEqualTo(1);
            assertThat(engine.calls()).extracting(call -> call.field(":path")).contains("/health", "/metrics");
            assertThat(engine.calls().getFirst().field(":authority"))
                    .isEqualTo(engine.uri().getAuthority());
        }
    }

    @Test
    void overTlsTheEngineHasToAgree() throws Exception {
        var tls = new TlsSettings(TestCertificates.certificate("ca"), null, null, null, true);
        try (var engine = H2Engine.startTls(EndpointHttp2Test::answer, "h2")) {
            assertThat(good(engine, links(tls))).isTrue();
        }
        try (var engine = H2Engine.startTls(EndpointHttp2Test::answer)) {
            var links = links(tls);
            assertThat(good(engine, links)).isFalse();
            assertThat(links.faults().get("no_http2")).isPositive();
        }
    }

    @Test
    void oneThatSpeaksNoHttp2IsDown() throws Exception {
        try (var engine = new FakeEngine();
                var http = http(engine.address())) {
            assertThatThrownBy(() -> health(http)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aTokenCanBeAskedFor() throws Exception {
        try (var engine = H2Engine.start(EndpointHttp2Test::answer);
                var http = http(engine.uri())) {
            var text = new ByteArrayOutputStream();
            byte[] json = "{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_8);
            var answer = http.post(
                    GenerationCheck.PATH, json, "text/event-stream", Duration.ofSeconds(5), 1_000, text::write);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(text.toString(StandardCharsets.UTF_8)).contains("choices");
            assertThat(engine.calls().getFirst().body()).isEqualTo(json);
        }
    }

    /** Of 503 there is no entry in the static table, and a long value comes in Huffman's code. */
    @Test
    void itReadsEveryStatusAndWhoServes() throws Exception {
        var statuses = List.of(200, 204, 404, 429, 500, 501, 503);
        var asked = new AtomicInteger();
        try (var engine = H2Engine.start(call -> {
                    call.informational();
                    call.head(statuses.get(asked.getAndIncrement()), "s".repeat(1_000), false);
                    call.data("ignored", false);
                    call.trailers();
                });
                var http = http(engine.uri())) {
            for (int status : statuses) {
                assertThat(health(http).status()).isEqualTo(status);
            }
            assertThat(engine.connections()).isEqualTo(1);
        }
    }

    @Test
    void longAnswersKeepComing() throws Exception {
        String page = "vllm:num_requests_running 3\n".repeat(40_000); // more than a megabyte, several times the window
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "text/plain", false);
                    call.data(page, true);
                });
                var http = http(engine.uri())) {
            for (int i = 0; i < 20; i++) {
                var total = new AtomicInteger();
                http.get("/metrics", "*/*", Duration.ofSeconds(20), 4 << 20, (_, _, count) -> total.addAndGet(count));
                assertThat(total).hasValue(page.length());
            }
            assertThat(engine.connections()).isEqualTo(1);
            assertThatThrownBy(() -> health(http))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("longer than");
        }
    }

    private static void oneConnectionForEachQuestion(Consumer<H2Engine.Call> after) throws Exception {
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "text/plain", true);
                    after.accept(call);
                });
                var http = http(engine.uri())) {
            for (int i = 1; i <= 3; i++) {
                assertThat(health(http).status()).isEqualTo(200);
            }
            assertThat(engine.connections()).isEqualTo(3);
        }
    }

    @Test
    void aConnectionThatEndedMeanwhileIsReplaced() throws Exception {
        oneConnectionForEachQuestion(call -> call.goAway(call.id()));
        oneConnectionForEachQuestion(H2Engine.Call::breakConnection);
    }

    @Test
    void anAnswerThatFailsIsNoAnswer() throws Exception {
        try (var engine = H2Engine.start(call -> call.reset(Http2Error.INTERNAL_ERROR));
                var http = http(engine.uri())) {
            assertThatThrownBy(() -> health(http))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        }
        try (var engine = H2Engine.start(H2Engine.Call::breakConnection);
                var http = http(engine.uri())) {
            assertThatThrownBy(() -> health(http)).isInstanceOf(IOException.class);
            assertThat(engine.calls()).hasSize(1); // and the question is not repeated
        }
        try (var engine = H2Engine.start(_ -> {});
                var http = http(engine.uri())) {
            assertThatThrownBy(() -> http.get("/health", "*/*", Duration.ofMillis(100), 1_000, EndpointHttp.Body.NONE))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aBodyThatTheEngineTakesNoneOfIsNotSent() throws Exception {
        var closed = Http2Settings.defaultSettings().initialWindowSize(5);
        try (var engine = H2Engine.start(closed, EndpointHttp2Test::answer);
                var http = http(engine.uri())) {
            assertThatThrownBy(() -> http.post(
                            "/v1/completions",
                            new byte[6],
                            "*/*",
                            Duration.ofSeconds(5),
                            1_000,
                            EndpointHttp.Body.NONE))
                    .isInstanceOf(IOException.class);
            assertThat(health(http).status()).isEqualTo(200);
        }
    }

    @Test
    void theConnectionEndsWithTheWatch() throws Exception {
        try (var engine = H2Engine.start(EndpointHttp2Test::answer)) {
            var http = http(engine.uri());
            health(http);
            http.close();
            await().until(() -> engine.open() == 0);
        }
    }
}
