package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How HTTP/2 connections end: politely, and so that the client gets the last frames though it still sends. */
class Http2EndingTest {
    private static Http2Client connect(Gateway gateway) throws IOException {
        return Http2Client.connect(gateway.proxy().address());
    }

    @Test
    void drainingSaysFarewellInTwoStepsAndServesWhatCameBetween() throws Exception {
        var mayAnswer = new CountDownLatch(1);
        try (var engine = FakeEngine.start(call -> {
                    mayAnswer.await();
                    call.chat("late");
                });
                var gateway = Gateway.start(engine.uri());
                var busy = connect(gateway);
                var idle = connect(gateway)) {
            int first = busy.chat(false);
            idle.answer(idle.get("/v1/models"));
            await().until(() -> engine.requests().size() == 1);
            var drained = CompletableFuture.supplyAsync(() -> gateway.proxy().drain(Duration.ofSeconds(30)));

            assertThat(idle.await(Http2Client.GOAWAY).error()).isEqualTo(Http2Client.NO_ERROR);
            assertThat(idle.ended()).isTrue();

            assertThat(busy.await(Http2Client.GOAWAY).lastStream()).isEqualTo(Integer.MAX_VALUE);
            var ping = busy.await(Http2Client.PING);
            int second = busy.chat(false);
            busy.frame(Http2Client.PING, Http2Client.ACK, 0, ping.payload());
            assertThat(busy.await(Http2Client.GOAWAY).lastStream()).isEqualTo(second);
            busy.get("/v1/models"); // has heard, and sends all the same: refused
            mayAnswer.countDown();
            var answers = busy.answers(List.of(first, second));
            assertThat(answers.values())
                    .hasSize(2)
                    .allSatisfy(answer -> assertThat(answer.body()).contains("late"));
            assertThat(busy.ended()).isTrue();
            busy.hangUp();
            idle.hangUp();
            assertThat(drained.get()).isTrue();
            gateway.report(3);
        }
    }

    @Test
    void anIdleConnectionIsEndedPolitely() throws Exception {
        try (var gateway = Gateway.start(
                        Gateway.waits(Duration.ofMillis(200), Duration.ofMillis(200)),
                        URI.create("http://127.0.0.1:1"));
                var never = connect(gateway);
                var once = connect(gateway)) {
            once.answer(once.get("/v1/models"));
            for (var client : List.of(never, once)) {
                assertThat(client.await(Http2Client.GOAWAY).error()).isEqualTo(Http2Client.NO_ERROR);
                assertThat(client.ended()).isTrue();
            }
        }
    }

    @Test
    void aClientThatStillSendsWhenItsConnectionEndsGetsEverything() throws Exception {
        endsThoughTheClientSends(
                s -> s,
                gateway -> new Socket(
                        gateway.proxy().address().getAddress(),
                        gateway.proxy().address().getPort()));
    }

    @Test
    void alsoWithTls(@TempDir Path folder) throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        endsThoughTheClientSends(Gateway.tls(server.settings()), TlsTest::connectHttp2);
    }

    private interface Connecting {
        Socket connect(Gateway gateway) throws Exception;
    }

    private static void endsThoughTheClientSends(UnaryOperator<ProxySettings> adjust, Connecting connecting)
            throws Exception {
        var mayAnswer = new CountDownLatch(1);
        String text = "x".repeat(50_000);
        try (var engine = FakeEngine.start(call -> {
                    mayAnswer.await();
                    call.chat(text);
                });
                var gateway = Gateway.start(adjust, engine.uri());
                var client = Http2Client.over(connecting.connect(gateway)).settled()) {
            int stream = client.chat(false);
            await().until(() -> engine.requests().size() == 1);
            var drained = CompletableFuture.supplyAsync(() -> gateway.proxy().drain(Duration.ofSeconds(30)));
            var ping = client.await(Http2Client.PING);
            client.frame(Http2Client.PING, Http2Client.ACK, 0, ping.payload());
            client.await(Http2Client.GOAWAY);
            mayAnswer.countDown();
            gateway.report(1);
            // The whole answer and the connection's end are on their way, and nothing of them is read yet. A socket
            // that
            // is closed answers these with a reset, which throws away what lies here.
            for (int i = 0; i < 100; i++) {
                client.openWindow(0, 1_000);
                assertThat(gateway.proxy().clients().connections()).isEqualTo(1);
            }
            assertThat(client.answer(stream).body()).contains(text);
            assertThat(client.next()).isNull();
            client.hangUp();
            assertThat(drained.get()).isTrue();
            assertThat(gateway.proxy().clients().connections()).isZero();
        }
    }

    @Test
    void aClientThatBreaksTheProtocolHearsWhyThoughItStillSends() throws Exception {
        try (var gateway = Gateway.start(URI.create("http://127.0.0.1:1"));
                var client = connect(gateway).settled()) {
            client.frame(Http2Client.DATA, 0, 0, new byte[10]);
            sendMore(client);
            var farewell = client.await(Http2Client.GOAWAY);
            assertThat(farewell.error()).isEqualTo(Http2Client.PROTOCOL_ERROR);
            assertThat(client.next()).isNull();
            sendMore(client); // it would be answered by a reset if the socket had been closed
        }
    }

    private static void sendMore(Http2Client client) throws IOException {
        for (int i = 0; i < 60; i++) {
            client.frame(Http2Client.DATA, 0, 1, new byte[16_000]);
        }
    }

    @Test
    void aClientThatGoesOnSendingIsCutOff() throws Exception {
        try (var gateway = Gateway.start(URI.create("http://127.0.0.1:1"));
                var client = connect(gateway).settled()) {
            client.frame(Http2Client.DATA, 0, 0, new byte[10]);
            client.await(Http2Client.GOAWAY);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 4_000; i++) {
                            client.frame(Http2Client.DATA, 0, 1, new byte[16_000]);
                        }
                    })
                    .isInstanceOf(IOException.class);
            await().until(() -> gateway.proxy().clients().connections() == 0);
        }
    }
}
