package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.engine.link.EngineKey;
import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.TlsSettings;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.testing.H2Engine;
import dev.warmgate.testing.TestCertificates;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** HTTP/2 towards engines, with prior knowledge and over TLS. */
class UpstreamHttp2Test {
    private static EngineLinks links() {
        var tls = new TlsSettings(TestCertificates.certificate("ca"), null, null, null, true);
        var settings = new LinkSettings(Protocol.HTTP2, new EngineKey.Given("own-key"), tls);
        try {
            return EngineLinks.of(new EngineLinks.Settings(Map.of("pool", settings), Map.of()));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Gateway gateway(EngineLinks links, URI... endpoints) {
        return Gateway.start(Gateway.Options.DEFAULT.outbound(new Outbound(links, List.of())), endpoints);
    }

    private static Gateway gateway(URI... endpoints) {
        return gateway(links(), endpoints);
    }

    @Test
    void requestsAndAnswersKeepTheirMeaning() throws Exception {
        try (var engine = H2Engine.start(call -> {
                    call.informational();
                    call.chat(call.field(":method") + " " + call.field(":path") + " " + call.body().length);
                });
                var gateway = gateway(engine.uri());
                var client = gateway.client()) {
            String body = Client.chatBody("m", false).replace("warm", "warm".repeat(700_000));
            var answer = client.post(
                            "/v1/chat/completions?x=1",
                            "Connection: X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n",
                            body.getBytes(UTF_8))
                    .response();
            assertThat(answer.text()).contains("POST /v1/chat/completions?x=1 " + body.length());
            assertThat(answer.line()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(answer.field("x-engine")).isEqualTo("h2");
            var seen = engine.calls().getFirst();
            assertThat(seen.field(":authority")).isEqualTo(engine.uri().getAuthority());
            assertThat(seen.field(":scheme")).isEqualTo("http");
            assertThat(seen.field("authorization")).isEqualTo("Bearer own-key");
            assertThat(seen.field("content-length")).isEqualTo(Integer.toString(body.length()));
            assertThat(seen.field("x-hop") + seen.field("te") + seen.field("connection") + seen.field("host"))
                    .isEqualTo("null".repeat(4));
            assertThat(gateway.report(1).usage().promptTokens()).isEqualTo(9);
            assertThat(client.get("/v1/thing").response().text()).contains("GET /v1/thing 0");
        }
    }

    @Test
    void manyRequestsShareAConnection() throws Exception {
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "text/event-stream", false);
                    call.token("one");
                });
                var gateway = gateway(engine.uri())) {
            var clients = new ArrayList<Client>();
            for (int i = 0; i < 40; i++) {
                clients.add(gateway.client().chat(true));
            }
            for (Client client : clients) {
                client.responseHead();
                assertThat(client.chunk()).contains("one");
            }
            assertThat(engine.connections()).isBetween(1, Runtime.getRuntime().availableProcessors());
            engine.calls().forEach(call -> call.data("data: [DONE]\n\n", true));
            for (Client client : clients) {
                assertThat(client.chunk()).contains("[DONE]");
                assertThat(client.chunk()).isEmpty();
                client.close();
            }
        }
    }

    @Test
    void aClientThatLeavesResetsItsStreamAndNoOther() throws Exception {
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "text/event-stream", false);
                    call.token("one");
                });
                var gateway = gateway(engine.uri());
                var stays = gateway.client()) {
            stays.chat(true).responseHead();
            try (var leaves = gateway.client()) {
                leaves.chat(true).responseHead();
            }
            await().untilAsserted(() -> assertThat(engine.resets()).containsExactly(Http2Error.CANCEL.code()));
            engine.calls().getFirst().data("data: [DONE]\n\n", true);
            assertThat(stays.chunk()).contains("one");
            assertThat(stays.chunk()).contains("[DONE]");
        }
    }

    @Test
    void aSlowClientStopsItsOwnStreamOnly() throws Exception {
        String large = "x".repeat(16_000);
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "text/event-stream", false);
                    if (call.field("x-slow").equals("1")) {
                        for (int i = 0; i < 1_000; i++) {
                            call.token(large);
                        }
                    }
                    call.data("data: [DONE]\n\n", true);
                });
                var gateway = Gateway.start(
                        Gateway.Options.DEFAULT.adjust(Gateway.oneLoop()).outbound(new Outbound(links(), List.of())),
                        engine.uri());
                var slow = gateway.client(8 << 10);
                var quick = gateway.client()) {
            slow.post(
                    "/v1/chat/completions",
                    "X-Slow: 1\r\n",
                    Client.chatBody("m", true).getBytes(UTF_8));
            await().until(() ->
                    !engine.calls().isEmpty() && !engine.calls().getFirst().writable());
            for (int i = 0; i < 3; i++) {
                assertThat(quick.chat(true).response().text()).contains("[DONE]");
            }
            assertThat(engine.connections()).isEqualTo(1);
            assertThat(engine.calls().getFirst().writable()).isFalse();
        }
    }

    @Test
    void streamsThatAnEngineNeverLookedAtAreSentAgain() throws Exception {
        var first = new AtomicInteger();
        try (var engine = H2Engine.start(call -> {
                    if (first.getAndIncrement() == 0) {
                        call.goAway(0);
                    } else {
                        call.chat("again");
                    }
                });
                var gateway = gateway(engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("again");
            assertThat(gateway.report(1).retries()).isZero();
            assertThat(engine.connections()).isEqualTo(2);
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }

    @Test
    void aRefusedStreamIsSentAgainOnce() throws Exception {
        var asked = new AtomicInteger();
        try (var engine = H2Engine.start(call -> {
                    int number = asked.incrementAndGet();
                    if (number == 1 || number > 2) {
                        call.reset(Http2Error.REFUSED_STREAM);
                    } else {
                        call.chat("taken");
                    }
                });
                var gateway = gateway(engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("taken");
            assertThat(client.chat(false).response().status()).isEqualTo(502);
            assertThat(asked).hasValue(4);
        }
    }

    @Test
    void streamsThatWereLookedAtFinishAfterAGoAway() throws Exception {
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "text/event-stream", false);
                    call.token("one");
                    call.goAway(call.id());
                });
                var gateway = gateway(engine.uri());
                var client = gateway.client()) {
            client.chat(true).responseHead();
            assertThat(client.chunk()).contains("one");
            engine.calls().getFirst().data("data: [DONE]\n\n", true);
            assertThat(client.chunk()).contains("[DONE]");
            assertThat(client.chunk()).isEmpty();
            assertThat(client.chat(true).responseHead().status()).isEqualTo(200);
            assertThat(engine.connections()).isEqualTo(2);
        }
    }

    @Test
    void theNumberOfStreamsThatAnEngineTakesIsKept() throws Exception {
        try (var engine = H2Engine.start(Http2Settings.defaultSettings().maxConcurrentStreams(2), call -> {
                    call.head(200, "text/event-stream", false);
                    call.token("one");
                });
                var gateway = Gateway.start(
                        Gateway.Options.DEFAULT.adjust(Gateway.oneLoop()).outbound(new Outbound(links(), List.of())),
                        engine.uri())) {
            var clients = new ArrayList<Client>();
            for (int i = 0; i < 7; i++) {
                clients.add(gateway.client().chat(true)); // all at once: most come before the limit is known
            }
            for (Client client : clients) {
                client.responseHead();
                assertThat(client.chunk()).contains("one");
            }
            assertThat(engine.connections()).isEqualTo(4);
            for (Client client : clients) {
                client.close();
            }
            await().untilAsserted(() -> assertThat(engine.resets()).hasSize(7));
        }
    }

    @Test
    void aBrokenConnectionSendsItsRequestsElsewhere() throws Exception {
        try (var broken = H2Engine.start(H2Engine.Call::breakConnection);
                var good = H2Engine.start(call -> call.chat("good"));
                var gateway = gateway(broken.uri(), good.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("good");
            assertThat(gateway.report(1).retries()).isEqualTo(1);
        }
    }

    @Test
    void anAnswerThatBreaksOffDoesNotLookComplete() throws Exception {
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "application/json", false);
                    call.data("{\"half\":", false);
                    call.reset(Http2Error.INTERNAL_ERROR);
                });
                var gateway = gateway(engine.uri());
                var client = gateway.client()) {
            client.chat(false).responseHead();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    @Test
    void trailersEndAnAnswerAndStop() throws Exception {
        try (var engine = H2Engine.start(call -> {
                    call.head(200, "application/json", false);
                    call.data("{}", false);
                    call.trailers();
                });
                var gateway = gateway(engine.uri());
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.text()).isEqualTo("{}");
            assertThat(answer.field("x-trailer")).isNull();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.OK);
        }
    }

    @Test
    void overTlsItIsAgreedOnByAlpn() throws Exception {
        try (var engine = H2Engine.startTls(call -> call.chat("over TLS"), "h2");
                var gateway = gateway(engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("over TLS");
            assertThat(engine.calls().getFirst().field(":scheme")).isEqualTo("https");
        }
        var links = links();
        try (var engine = H2Engine.startTls(call -> call.chat("never"));
                var gateway = gateway(links, engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(503);
            assertThat(links.faults()).containsEntry("no_http2", 1L);
        }
    }

    @Test
    void anEngineThatSpeaksOnlyHttp1IsNamedAsSuch() throws Exception {
        var links = links();
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                    call.close();
                });
                var gateway = gateway(links, engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(503);
            assertThat(links.faults()).containsEntry("no_http2", 1L);
        }
    }
}
