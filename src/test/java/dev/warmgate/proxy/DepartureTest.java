package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that leaves frees everything at once, whatever its request was waiting for. */
class DepartureTest {
    enum Way {
        CLOSE,
        RESET,
        HALF_CLOSE;

        void leave(Client client) throws IOException {
            switch (this) {
                case CLOSE -> client.close();
                case RESET -> client.reset();
                case HALF_CLOSE -> client.shutdownOutput();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileTheBodyComesIn(Way way) throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 100000\r\n\r\n{\"model\":");
            await().until(() -> gateway.proxy().inFlight() == 1);
            way.leave(client);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
            assertThat(engine.connections()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileConnecting(Way way) throws IOException {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var fill = fillBacklog(listening);
            try (var gateway = Gateway.start(
                            patientConnecting(), URI.create("http://127.0.0.1:" + listening.getLocalPort()));
                    var client = gateway.client()) {
                client.chat(false);
                await().until(() -> gateway.endpoint(0).inFlight() == 1);
                way.leave(client);
                assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
                gateway.assertQuiet();
            } finally {
                for (Socket socket : fill) {
                    socket.close();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileWaitingForTheAnswer(Way way) throws IOException {
        try (var engine = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.chat(false);
            await().until(() -> engine.requests().size() == 1);
            assertThat(gateway.endpoint(0).inFlight()).isEqualTo(1);
            way.leave(client);
            await().until(() -> engine.departures() == 1);
            var report = gateway.report(1);
            assertThat(report.outcome()).isEqualTo(Outcome.CLIENT_GONE);
            assertThat(report.status()).isZero();
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileTheAnswerStreams(Way way) throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("a");
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.chat(true).responseHead();
            assertThat(client.chunk()).contains("a");
            way.leave(client);
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileItsOwnBodyStreams(Way way) throws Exception {
        var arrived = new CountDownLatch(1);
        var gone = new CountDownLatch(1);
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var gateway = Gateway.start(URI.create("http://127.0.0.1:" + listening.getLocalPort()));
                var client = gateway.client()) {
            Thread.startVirtualThread(() -> {
                try (var socket = listening.accept()) {
                    var in = new Http.Input(socket.getInputStream());
                    in.readResponseHead();
                    in.readChunk();
                    arrived.countDown();
                    in.readChunk();
                } catch (IOException | RuntimeException e) {
                    gone.countDown();
                }
            });
            client.send("POST /v1/files HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndata\r\n");
            arrived.await();
            way.leave(client);
            gone.await();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileItsNextRequestAlreadyWaits(Way way) throws IOException {
        try (var engine = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.chat(false).chat(false);
            await().until(() -> engine.requests().size() == 1);
            way.leave(client);
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
            assertThat(engine.requests()).hasSize(1);
        }
    }

    /** Returns settings with which a connection to an engine may take long. */
    static UnaryOperator<ProxySettings> patientConnecting() {
        return s -> SettingsCopy.of(s, copy -> {
            copy.eventLoops = 1;
            copy.connectTimeout = s.requestReadTimeout();
            copy.retries = RetryRules.DEFAULT.withMost(0);
            copy.askUsage = true;
        });
    }

    /** Makes connections until no more can be made: further ones are neither accepted nor refused. */
    static List<Socket> fillBacklog(ServerSocket listening) throws IOException {
        var sockets = new ArrayList<Socket>();
        try {
            while (true) {
                var socket = new Socket();
                sockets.add(socket);
                socket.connect(listening.getLocalSocketAddress(), 100);
            }
        } catch (SocketTimeoutException e) {
            return sockets;
        }
    }
}
