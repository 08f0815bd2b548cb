package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BackPressureTest {
    private static final int PIECE = 64 << 10;
    private static final int PIECES = 2_000;

    /** What the sockets' buffers of the operating system may swallow on the way, generously. */
    private static final long IN_SOCKETS = 80L << 20;

    @Test
    void aClientThatDoesNotReadStopsTheEngineAndThenGetsEverything() throws IOException {
        var written = new AtomicLong();
        try (var engine = FakeEngine.start(call -> {
                    var random = new Random(3);
                    var piece = new byte[PIECE];
                    call.raw("HTTP/1.1 200 OK\r\nContent-Length: " + (long) PIECE * PIECES + "\r\n\r\n");
                    for (int i = 0; i < PIECES; i++) {
                        random.nextBytes(piece);
                        call.raw(piece);
                        written.addAndGet(PIECE);
                    }
                });
                var gateway = Gateway.start(engine.uri());
                var client = Client.connect(gateway.proxy().address(), 16 << 10)) {
            client.get("/v1/big").responseHead();
            awaitStandstill(written);
            assertThat(written.get()).isLessThan(IN_SOCKETS);
            var random = new Random(3);
            var expected = new byte[PIECE];
            for (int i = 0; i < PIECES; i++) {
                random.nextBytes(expected);
                assertThat(client.bytes(PIECE)).isEqualTo(expected);
            }
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.OK);
            assertThat(gateway.report(1).bytesOut()).isEqualTo((long) PIECE * PIECES);
        }
    }

    @Test
    void anEngineThatDoesNotReadStopsTheClient() throws Exception {
        var written = new AtomicLong();
        var mayRead = new CountDownLatch(1);
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var gateway = Gateway.start(URI.create("http://127.0.0.1:" + listening.getLocalPort()));
                var client = gateway.client()) {
            Thread.startVirtualThread(() -> {
                try (var socket = listening.accept()) {
                    mayRead.await();
                    var in = new Http.Input(socket.getInputStream());
                    var request = in.readRequest();
                    long sum = 0;
                    for (byte b : request == null ? new byte[0] : request.body()) {
                        sum = sum * 31 + b;
                    }
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n%20d"
                                    .formatted(sum)
                                    .getBytes(UTF_8));
                    in.read();
                } catch (IOException | InterruptedException e) {
                    // seen by the client
                }
            });
            var sum = new AtomicLong();
            var sender = Thread.startVirtualThread(() -> {
                var random = new Random(5);
                var piece = new byte[PIECE];
                try {
                    client.send("POST /v1/files HTTP/1.1\r\nContent-Length: " + (long) PIECE * PIECES + "\r\n\r\n");
                    for (int i = 0; i < PIECES; i++) {
                        random.nextBytes(piece);
                        client.send(piece);
                        written.addAndGet(PIECE);
                        for (byte b : piece) {
                            sum.set(sum.get() * 31 + b);
                        }
                    }
                } catch (IOException e) {
                    // seen by the sum
                }
            });
            awaitStandstill(written);
            assertThat(written.get()).isLessThan(IN_SOCKETS);
            mayRead.countDown();
            assertThat(client.response().text().trim()).isEqualTo(Long.toString(sum.get()));
            sender.join();
        }
    }

    /** Waits until a number that grows has not grown for a while. */
    private static void awaitStandstill(AtomicLong number) {
        await().until(() -> number.get() > 0);
        await().during(Duration.ofMillis(400)).atMost(Duration.ofSeconds(20)).until(new Unchanged(number)::check);
    }

    private static final class Unchanged {
        private final AtomicLong number;
        private long last = -1;

        Unchanged(AtomicLong number) {
            this.number = number;
        }

        boolean check() {
            long now = number.get();
            boolean same = now == last;
            last = now;
            return same;
        }
    }
}
