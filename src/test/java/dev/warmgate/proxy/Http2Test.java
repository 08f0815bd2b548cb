package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.proxy.Http2Client.Frame;
import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.proxy.front.FrontSettings;
import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** HTTP/2 without TLS, by prior knowledge, on the port where HTTP/1.1 is spoken too. */
class Http2Test {
    private static Http2Client connect(Gateway gateway) throws IOException {
        return Http2Client.connect(gateway.proxy().address());
    }

    @Test
    void bothProtocolsAreServedOnOnePort() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("hello"));
                var gateway = Gateway.start(engine.uri());
                var one = gateway.client();
                var two = connect(gateway)) {
            assertThat(one.chat(false).response().text()).contains("hello");
            var answer = two.answer(two.chat(false));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).contains("hello");
            assertThat(answer.field("content-type")).isEqualTo("application/json");
            assertThat(answer.fields()).doesNotContainKeys("connection", "transfer-encoding", "keep-alive");
            assertThat(gateway.report(2).outcome()).isEqualTo(Outcome.OK);
        }
    }

    @Test
    void theEngineSeesAnOrdinaryRequest() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = connect(gateway)) {
            byte[] body = Client.chatBody("m", false).getBytes(UTF_8);
            int stream = client.begin(
                    "/v1/chat/completions?x=1",
                    "x-mine",
                    "1",
                    "cookie",
                    "a=b",
                    "cookie",
                    "c=d",
                    "x-http2-scheme",
                    "forged",
                    "te",
                    "trailers");
            client.frame(Http2Client.DATA, 0, stream, body);
            client.frame(
                    Http2Client.HEADERS,
                    Http2Client.END_HEADERS | Http2Client.END_STREAM,
                    stream,
                    Http2Client.block("x-trailer", "1"));
            assertThat(client.answer(stream).status()).isEqualTo(200);
            var request = engine.requests().getFirst();
            assertThat(request.line()).isEqualTo("POST /v1/chat/completions?x=1 HTTP/1.1");
            assertThat(request.body()).isEqualTo(body);
            assertThat(request.field("host")).isEqualTo("127.0.0.1:" + engine.port());
            assertThat(request.field("cookie")).isEqualTo("a=b; c=d");
            assertThat(request.field("x-mine")).isEqualTo("1");
            assertThat(String.join("\n", request.fields()))
                    .doesNotContainIgnoringCase("x-http2")
                    .doesNotContainIgnoringCase("x-trailer")
                    .doesNotContainIgnoringCase("te:")
                    .doesNotContain(":method");
        }
    }

    @Test
    void eventsArriveOneByOne() throws Exception {
        var next = new Semaphore(0);
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    for (int i = 0; i < 3; i++) {
                        next.acquire();
                        call.token("t" + i);
                    }
                    call.endStream();
                });
                var gateway = Gateway.start(engine.uri());
                var client = connect(gateway)) {
            client.chat(true);
            assertThat(client.await(Http2Client.HEADERS).fields()).containsEntry(":status", "200");
            boolean ended = false;
            for (int i = 0; i < 3; i++) {
                next.release();
                var event = client.await(Http2Client.DATA);
                assertThat(event.text()).contains("t" + i);
                ended = event.ends();
            }
            while (!ended) {
                ended = client.await(Http2Client.DATA).ends();
            }
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.OK);
        }
    }

    @Test
    void manyRequestsShareAConnection() throws Exception {
        var together = new CountDownLatch(40);
        try (var engine = FakeEngine.start(call -> {
                    together.countDown();
                    together.await();
                    call.chat("ok");
                });
                var gateway = Gateway.start(engine.uri());
                var client = connect(gateway)) {
            var streams = new ArrayList<Integer>();
            for (int i = 0; i < 40; i++) {
                streams.add(client.chat(false));
            }
            assertThat(client.answers(streams).values())
                    .hasSize(40)
                    .allMatch(answer -> answer.status() == 200 && answer.body().contains("ok"));
        }
    }

    @Test
    void oneRequestTooManyIsRefusedAndTheOthersGoOn() throws Exception {
        var mayAnswer = new CountDownLatch(1);
        try (var engine = FakeEngine.start(call -> {
                    mayAnswer.await();
                    call.chat("ok");
                });
                var gateway = Gateway.start(
                        Gateway.front(f -> new FrontSettings(
                                f.listen(),
                                f.tls(),
                                f.maxHeaderBytes(),
                                f.headerReadTimeout(),
                                f.keepAliveTimeout(),
                                2,
                                f.limits(),
                                f.proxyProtocol())),
                        engine.uri());
                var client = connect(gateway)) {
            var streams = new ArrayList<Integer>();
            streams.add(client.chat(false));
            streams.add(client.chat(false));
            int third = client.chat(false);
            var refused = client.await(Http2Client.RST_STREAM);
            assertThat(refused.stream()).isEqualTo(third);
            assertThat(refused.error()).isEqualTo(Http2Client.REFUSED_STREAM);
            mayAnswer.countDown();
            assertThat(client.answers(streams)).hasSize(2);
            assertThat(client.answer(client.get("/v1/models")).status()).isEqualTo(200);
        }
    }

    @Test
    void answersOfOurOwnAndToHeadEndTheirStreams() throws Exception {
        try (var gateway = Gateway.start(URI.create("http://127.0.0.1:1"));
                var client = connect(gateway)) {
            var missing = client.answer(client.get("/nothing"));
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.body()).contains("/v1/chat/completions");
            int head = client.nextStream();
            client.frame(
                    Http2Client.HEADERS,
                    Http2Client.END_HEADERS | Http2Client.END_STREAM,
                    head,
                    Http2Client.request("HEAD", "/v1/models"));
            var answer = client.answer(head);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.field("content-length")).isEqualTo(Integer.toString(Gateway.MODELS.length()));
            assertThat(answer.body()).isEmpty();
        }
    }

    @Test
    void aClientThatExpectsContinueIsToldToGoOn() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = connect(gateway)) {
            int stream = client.begin("/v1/chat/completions", "expect", "100-continue");
            assertThat(client.await(Http2Client.HEADERS).fields()).containsEntry(":status", "100");
            client.frame(
                    Http2Client.DATA,
                    Http2Client.END_STREAM,
                    stream,
                    Client.chatBody("m", false).getBytes(UTF_8));
            assertThat(client.answer(stream).status()).isEqualTo(200);
        }
    }

    @Test
    void aRefusedBodyIsNotReadOnAndTheConnectionGoesOn() throws Exception {
        try (var gateway = Gateway.start(Gateway.limits(1_000, 4_096), URI.create("http://127.0.0.1:1"));
                var client = connect(gateway)) {
            int stream = client.begin("/v1/chat/completions", "content-length", "1000000");
            assertThat(client.await(Http2Client.HEADERS).fields()).containsEntry(":status", "413");
            var reset = client.await(Http2Client.RST_STREAM);
            assertThat(reset.stream()).isEqualTo(stream);
            assertThat(reset.error()).isEqualTo(Http2Client.NO_ERROR);
            // What was on its way is forgiven.
            client.frame(Http2Client.DATA, 0, stream, new byte[1_000]);
            int models = client.get("/v1/models");
            var frame = client.await(Http2Client.HEADERS);
            assertThat(frame.stream()).isEqualTo(models);
            assertThat(gateway.report(2).outcome()).isEqualTo(Outcome.OK);
        }
    }

    @Test
    void aRequestTakenBackEndsAtTheEngineAtOnceAndTheOthersGoOn() throws Exception {
        var mayAnswer = new CountDownLatch(1);
        try (var engine = FakeEngine.start(call -> {
                    if (call.path().endsWith("/wait")) {
                        mayAnswer.await();
                        call.chat("still here");
                    } else {
                        call.beginStream();
                        call.token("a");
                        call.awaitDeparture();
                    }
                });
                var gateway = Gateway.start(engine.uri());
                var client = connect(gateway)) {
            int other = client.get("/v1/wait");
            int stream = client.chat(true);
            client.await(Http2Client.DATA);
            client.reset(stream, Http2Client.CANCEL);
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
            mayAnswer.countDown();
            assertThat(client.answer(other).body()).contains("still here");
        }
    }

    @Test
    void aConnectionThatBreaksEndsEvenARequestThatIsHeld() throws Exception {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var fill = DepartureTest.fillBacklog(listening);
            try (var gateway = Gateway.start(
                            DepartureTest.patientConnecting(),
                            URI.create("http://127.0.0.1:" + listening.getLocalPort()));
                    var client = connect(gateway).settled()) {
                // Held because no connection to the engine comes about: the window fills.
                int upload = client.begin("/v1/files");
                byte[] piece = new byte[16_000];
                for (int i = 0; i < 65; i++) {
                    client.frame(Http2Client.DATA, 0, upload, piece);
                }
                await().until(() -> gateway.endpoint(0).inFlight() == 1);
                client.hangUp();
                assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
                gateway.assertQuiet();
            } finally {
                for (Socket socket : fill) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNotTakenForWhole() throws Exception {
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\nshort");
                    call.close();
                });
                var gateway = Gateway.start(engine.uri());
                var client = connect(gateway)) {
            int stream = client.get("/v1/thing");
            assertThat(client.await(Http2Client.DATA).text()).isEqualTo("short");
            var reset = client.await(Http2Client.RST_STREAM);
            assertThat(reset.stream()).isEqualTo(stream);
            assertThat(reset.error()).isEqualTo(Http2Client.INTERNAL_ERROR);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    @Test
    void largeBodiesPassBothWays() throws Exception {
        var random = new Random(7);
        byte[] large = new byte[3 << 20];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) ('a' + random.nextInt(26));
        }
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Length: " + call.request.body().length + "\r\n\r\n");
                    call.raw(call.request.body());
                });
                var gateway = Gateway.start(engine.uri());
                var client = connect(gateway)) {
            int stream = client.begin("/v1/files");
            var answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return client.answer(stream);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            for (int sent = 0; sent < large.length; sent += 1 << 14) {
                int end = Math.min(large.length, sent + (1 << 14));
                client.awaitWindow(end);
                client.frame(
                        Http2Client.DATA,
                        end == large.length ? Http2Client.END_STREAM : 0,
                        stream,
                        Arrays.copyOfRange(large, sent, end));
            }
            assertThat(answer.get().body()).isEqualTo(new String(large, UTF_8));
        }
    }

    @Test
    void aClientThatOpensNoWindowStopsTheEngine() throws Exception {
        var written = new AtomicLong();
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n");
                    for (int i = 0; i < 3_000; i++) {
                        call.raw(new byte[64 << 10]);
                        written.addAndGet(64 << 10);
                    }
                });
                var gateway = Gateway.start(
                        Gateway.limits(ClientLimits.DEFAULT.with(Duration.ofSeconds(1), _ -> false)), engine.uri());
                var client = connect(gateway).keepWindowsClosed()) {
            int stream = client.get("/v1/big");
            long read = 0;
            Frame frame = client.next();
            while (frame != null && frame.type() != Http2Client.RST_STREAM) {
                read += frame.type() == Http2Client.DATA ? frame.payload().length : 0;
                frame = client.next();
            }
            assertThat(frame).isNotNull();
            assertThat(frame.stream()).isEqualTo(stream);
            assertThat(read).isEqualTo(Http2Client.firstWindow());
            assertThat(written.get()).isLessThan(100L << 20);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }

    @Test
    void aHeaderThatIsTooLargeIsAnswered431() throws Exception {
        try (var gateway = Gateway.start(Gateway.limits(100_000, 4_096), URI.create("http://127.0.0.1:1"));
                var client = connect(gateway)) {
            client.get("/v1/models", "x-large", "x".repeat(4_500));
            assertThat(client.await(Http2Client.HEADERS).fields()).containsEntry(":status", "431");
        }
    }
}
