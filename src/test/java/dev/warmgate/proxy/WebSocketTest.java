package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** WebSockets through the gateway: with the JDK's client and a real server, and byte by byte. */
class WebSocketTest {
    private static final String UPGRADE = """
            GET /v1/realtime?model=m HTTP/1.1\r
            Host: g\r
            Connection: keep-alive, Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            """;

    private static final String AGREED = """
            HTTP/1.1 101 Switching Protocols\r
            Connection: upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
            \r
            """;

    /** A close of status 1000 without words, as servers send it. */
    private static final byte[] GOODBYE = {(byte) 0x88, 2, 3, (byte) 0xe8};

    /** What a client of the JDK gets, message by message. */
    private static final class Messages implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final BlockingQueue<Object> got = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                got.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            got.add("pong");
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed.complete(status);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }

        Object next() throws InterruptedException {
            Object message = got.poll(20, TimeUnit.SECONDS);
            assertThat(message).isNotNull();
            return message;
        }
    }

    private static WebSocket open(HttpClient http, Gateway gateway, String target, Messages messages) {
        return http.newWebSocketBuilder()
                .subprotocols("realtime")
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + gateway.proxy().address().getPort() + target), messages)
                .join();
    }

    @Test
    void messagesPassBothWaysAsOneRequestOfTheModel() throws Exception {
        try (var engine = WebSocketEngine.start();
                var gateway = Gateway.start(engine.uri());
                var http = HttpClient.newHttpClient()) {
            var messages = new Messages();
            var socket = open(http, gateway, "/v1/realtime?intent=x&model=m", messages);
            assertThat(socket.getSubprotocol()).isEqualTo("realtime");
            socket.sendText("hello", true).join();
            assertThat(messages.next()).isEqualTo("hello");
            socket.sendPing(ByteBuffer.wrap(new byte[] {1})).join();
            assertThat(messages.next()).isEqualTo("pong");
            var random = new Random(3);
            for (int i = 0; i < 20; i++) {
                String text = Integer.toString(random.nextInt()).repeat(random.nextInt(100_000));
                socket.sendText(text.substring(0, text.length() / 2), false).join();
                socket.sendText(text.substring(text.length() / 2), true).join();
                assertThat(messages.next()).isEqualTo(text);
            }
            assertThat(gateway.endpoint(0).inFlight()).isEqualTo(1);
            assertThat(gateway.proxy().inFlight()).isEqualTo(1);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertThat(messages.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WebSocket.NORMAL_CLOSURE);
            var report = gateway.report(1);
            assertThat(report.outcome()).isEqualTo(Outcome.OK);
            assertThat(report.dialect()).isEqualTo("websocket");
            assertThat(report.model()).isEqualTo("m");
            assertThat(report.status()).isEqualTo(101);
            assertThat(report.bytesIn()).isGreaterThan(1_000_000);
            assertThat(report.bytesOut()).isGreaterThan(1_000_000);
            assertThat(engine.asked()).containsExactly("/v1/realtime?intent=x&model=m");
        }
    }

    @Test
    void whatTheEngineOrTheGatewayRefusesIsAnOrdinaryAnswer() throws Exception {
        try (var engine = FakeEngine.start(call -> call.json(403, "{\"error\":\"no\"}"));
                var gateway = Gateway.start(engine.uri());
                var http = HttpClient.newHttpClient();
                var client = gateway.client()) {
            assertThatThrownBy(() -> open(http, gateway, "/v1/realtime?model=m", new Messages()))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            WebSocketHandshakeException.class,
                            e -> assertThat(e.getResponse().statusCode()).isEqualTo(403));
            client.send(UPGRADE + "\r\n");
            assertThat(client.response().status()).isEqualTo(403);
            assertThat(client.closed()).isTrue();
            assertThat(engine.requests())
                    .hasSize(2)
                    .allSatisfy(request -> assertThat(request.field("upgrade")).isEqualTo("websocket"));
            gateway.report(2);
        }
    }

    @Test
    void anEngineThatFailsBeforeItAgreesIsReplacedByAnother() throws Exception {
        try (var broken = FakeEngine.start(FakeEngine.Call::reset);
                var engine = WebSocketEngine.start();
                var gateway = Gateway.start(broken.uri(), engine.uri());
                var http = HttpClient.newHttpClient()) {
            var messages = new Messages();
            var socket = open(http, gateway, "/v1/realtime?model=m", messages);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertThat(messages.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WebSocket.NORMAL_CLOSURE);
            assertThat(gateway.report(1).retries()).isEqualTo(1);
        }
    }

    /** RFC 6455 section 4.1. Who takes such bytes for requests, and who for frames, is anybody's guess. */
    @Test
    void whoSpeaksBeforeTheAnswerIsRefusedAndNothingOfThatReachesTheEngine() throws Exception {
        String hidden = "GET /v1/hidden HTTP/1.1\r\nHost: g\r\n\r\n";
        for (String early : List.of(hidden, "GET", "\u0081\u0005hello")) {
            var mayAnswer = new CountDownLatch(1);
            try (var engine = FakeEngine.start(call -> {
                        mayAnswer.await();
                        call.raw(AGREED);
                        call.awaitDeparture();
                    });
                    var gateway = Gateway.start(engine.uri());
                    var client = gateway.client()) {
                client.send(UPGRADE + "\r\n" + early);
                await().until(() -> engine.requests().size() == 1);
                client.send(early);
                client.send(early); // in reads of their own, the last of which the answer may overtake
                mayAnswer.countDown();
                var answer = client.response();
                assertThat(answer.status()).as(early).isEqualTo(400);
                assertThat(answer.text()).contains("RFC 6455");
                assertThat(client.closed()).isTrue();
                await().until(() -> engine.departures() == 1);
                assertThat(engine.requests()).hasSize(1);
                assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_ERROR);
            }
        }
    }

    @Test
    void anEngineThatSwitchesUnaskedOrToSomethingElseHasFailed() throws Exception {
        try (var engine = FakeEngine.start(call -> {
                    call.raw(call.path().contains("plain") ? AGREED : AGREED.replace("websocket", "h2c"));
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(engine.uri());
                var plain = gateway.client();
                var other = gateway.client()) {
            assertThat(plain.get("/v1/plain").response().status()).isEqualTo(502);
            assertThat(other.send(UPGRADE + "\r\n").response().status()).isEqualTo(502);
            gateway.report(2);
        }
    }

    @Test
    void aSideThatDoesNotReadStopsTheOther() throws Exception {
        var written = new AtomicLong();
        int pieces = 3_000;
        byte[] frame = new byte[4 + 60_000];
        frame[0] = (byte) 0x82;
        frame[1] = 126;
        frame[2] = (byte) (60_000 >> 8);
        frame[3] = (byte) 60_000;
        try (var engine = FakeEngine.start(call -> {
                    call.raw(AGREED);
                    for (int i = 0; i < pieces; i++) {
                        call.raw(frame);
                        written.addAndGet(frame.length);
                    }
                    call.raw(GOODBYE);
                    call.close();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client(8 << 10)) {
            client.send(UPGRADE + "\r\n");
            assertThat(client.responseHead().status()).isEqualTo(101);
            var before = new AtomicLong(-1);
            await().pollInterval(Duration.ofMillis(300)).until(() -> before.getAndSet(written.get()) == written.get());
            assertThat(written.get()).isLessThan(100L << 20);
            for (int i = 0; i < pieces; i++) {
                assertThat(client.bytes(frame.length)).isEqualTo(frame);
            }
            assertThat(client.bytes(GOODBYE.length)).isEqualTo(GOODBYE);
            assertThat(client.closed()).isTrue();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.OK);
        }
    }

    @Test
    void anEngineThatDiesIsToldToTheClientAndCounted() throws Exception {
        try (var engine = FakeEngine.start(call -> {
                    call.raw(AGREED);
                    call.raw(new byte[] {(byte) 0x81, 2, 'h', 'i'});
                    call.reset();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.send(UPGRADE + "\r\n");
            assertThat(client.responseHead().status()).isEqualTo(101);
            int first = client.read();
            if (first == 0x81) {
                client.bytes(3);
                first = client.read();
            }
            assertThat(first).isEqualTo(0x88);
            assertThat(client.bytes(3)).containsExactly(2, 1011 >> 8, (byte) 1011);
            assertThat(client.closed()).isTrue();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    @Test
    void aClientThatLeavesEndsItAtTheEngine() throws Exception {
        try (var engine = FakeEngine.start(call -> {
                    call.raw(AGREED);
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.send(UPGRADE + "\r\n");
            assertThat(client.responseHead().status()).isEqualTo(101);
            client.reset();
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }

    @Test
    void silenceInBothDirectionsEndsItPolitely() throws Exception {
        var idle = Gateway.timeouts(Duration.ofMinutes(1), Duration.ofMillis(300), Duration.ofMinutes(1));
        try (var engine = FakeEngine.start(call -> {
                    call.raw(AGREED);
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(idle, engine.uri());
                var client = gateway.client()) {
            client.send(UPGRADE + "\r\n");
            assertThat(client.responseHead().status()).isEqualTo(101);
            assertThat(client.bytes(4)).containsExactly((byte) 0x88, 2, 1001 >> 8, (byte) 1001);
            assertThat(client.closed()).isTrue();
            await().until(() -> engine.departures() == 1);
            gateway.report(1);
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }

    @Test
    void drainingWaitsForItAndThenSaysGoingAway() throws Exception {
        try (var engine = WebSocketEngine.start();
                var gateway = Gateway.start(engine.uri());
                var http = HttpClient.newHttpClient()) {
            var messages = new Messages();
            var socket = open(http, gateway, "/v1/realtime?model=m", messages);
            var drained = CompletableFuture.supplyAsync(() -> gateway.proxy().drain(Duration.ofSeconds(2)));
            await().until(() -> !accepts(gateway));
            socket.sendText("still here", true).join();
            assertThat(messages.next()).isEqualTo("still here");
            assertThat(messages.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1001);
            assertThat(drained.get()).isFalse();
            http.shutdownNow();
        }
    }

    private static boolean accepts(Gateway gateway) {
        try (var client = gateway.client()) {
            return client != null;
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void aKeyAmongTheProtocolsDoesNotReachAnEngineWhereKeysAreOurs() throws Exception {
        try (var engine = FakeEngine.start(call -> call.json(400, "{}"));
                var gateway = Gateway.start(Gateway.Options.DEFAULT.access(AccessTest.keyed()), engine.uri());
                var open = Gateway.start(engine.uri());
                var client = gateway.client();
                var other = open.client();
                var stranger = gateway.client()) {
            String protocols = "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key." + AccessTest.KEY + "\r\n"
                    + "Sec-WebSocket-Protocol: openai-beta.realtime-v1\r\n";
            stranger.send(UPGRADE + "\r\n");
            assertThat(stranger.response().status()).isEqualTo(401);
            try (var forbidden = gateway.client()) {
                forbidden.send(UPGRADE.replace("model=m", "x=1&model=%78") + AccessTest.BEARER + "\r\n");
                assertThat(forbidden.response().text()).contains("model_not_allowed");
            }
            assertThat(engine.requests()).isEmpty();
            client.send(UPGRADE + AccessTest.BEARER + protocols + "\r\n");
            assertThat(client.response().status()).isEqualTo(400);
            var seen = engine.requests().getFirst();
            assertThat(seen.field("sec-websocket-protocol")).isEqualTo("realtime, openai-beta.realtime-v1");
            assertThat(String.join("\n", seen.fields())).doesNotContain(AccessTest.KEY);
            other.send(UPGRADE + protocols + "\r\n");
            assertThat(other.response().status()).isEqualTo(400);
            assertThat(String.join("\n", engine.requests().getLast().fields())).contains(AccessTest.KEY);
        }
    }

    /** RFC 8441 is not offered: a client that tries all the same loses its stream, and not the others. */
    @Test
    void extendedConnectIsRefused() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = Http2Client.connect(gateway.proxy().address())) {
            int stream = client.nextStream();
            client.frame(
                    Http2Client.HEADERS,
                    Http2Client.END_HEADERS,
                    stream,
                    Http2Client.block(
                            ":method",
                            "CONNECT",
                            ":protocol",
                            "websocket",
                            ":scheme",
                            "http",
                            ":path",
                            "/v1/realtime?model=m",
                            ":authority",
                            "g"));
            var frame = client.await(Http2Client.HEADERS);
            assertThat(frame.stream()).isEqualTo(stream);
            assertThat(frame.fields()).containsEntry(":status", "405");
            assertThat(client.await(Http2Client.RST_STREAM).stream()).isEqualTo(stream);
            assertThat(client.answer(client.chat(false)).status()).isEqualTo(200);
            assertThat(new String(engine.requests().getFirst().body(), UTF_8)).contains("warm caches");
        }
    }
}
