package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DrainTest {
    @Test
    void requestsInFlightFinishAndConnectionsEnd() throws Exception {
        var mayAnswer = new CountDownLatch(1);
        try (var engine = FakeEngine.start(call -> {
                    mayAnswer.await();
                    call.chat("late");
                });
                var gateway = Gateway.start(engine.uri());
                var busy = gateway.client();
                var idle = gateway.client()) {
            busy.chat(false);
            idle.get("/v1/models").response();
            await().until(() -> engine.requests().size() == 1);

            var drained = CompletableFuture.supplyAsync(() -> gateway.proxy().drain(Duration.ofSeconds(30)));
            assertThat(idle.closed()).isTrue();
            assertThatThrownBy(gateway::client).isInstanceOf(IOException.class);
            assertThat(drained).isNotDone();

            mayAnswer.countDown();
            var answer = busy.response();
            assertThat(answer.text()).contains("late");
            assertThat(answer.field("connection")).isEqualTo("close");
            assertThat(busy.closed()).isTrue();
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void theWaitIsBounded() throws IOException {
        try (var engine = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.chat(false);
            await().until(() -> engine.requests().size() == 1);
            assertThat(gateway.proxy().drain(Duration.ofMillis(50))).isFalse();
            assertThat(gateway.proxy().inFlight()).isEqualTo(1);
            gateway.proxy().close();
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
        }
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTime() throws IOException {
        try (var gateway = Gateway.start(
                        Gateway.waits(Duration.ofMillis(300), Duration.ofMillis(200)),
                        URI.create("http://127.0.0.1:1"));
                var never = gateway.client();
                var once = gateway.client();
                var half = gateway.client();
                var halfNext = gateway.client()) {
            assertThat(once.get("/v1/models").response().status()).isEqualTo(200);
            half.send("GET /v1/models HTTP/1.1\r\nX:");
            halfNext.get("/v1/models").response();
            halfNext.send("GET /v1/models HTTP/1.1\r\nX:");
            assertThat(never.closed()).isTrue();
            assertThat(once.closed()).isTrue();
            assertThat(half.closed()).isTrue();
            assertThat(halfNext.closed()).isTrue();
            gateway.report(2);
        }
    }

    /** A client that sends a header byte by byte would otherwise hold its connection as long as it likes. */
    @Test
    void aFurtherHeaderHasItsTimeFromItsFirstByte() throws IOException {
        try (var gateway = Gateway.start(
                        Gateway.waits(Duration.ofMillis(200), Duration.ofMinutes(5)),
                        URI.create("http://127.0.0.1:1"));
                var client = gateway.client()) {
            client.get("/v1/models").response();
            client.send("GET /v1/models HTTP/1.1\r\nX:");
            assertThat(client.closed()).isTrue();
            gateway.report(1);
        }
    }

    @Test
    void anIdleConnectionToAnEngineIsClosedAfterItsTime() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(
                        s -> SettingsCopy.of(s, copy -> {
                            copy.eventLoops = 1;
                            copy.upstreamIdleTimeout = Duration.ofMillis(150);
                        }),
                        engine.uri());
                var client = gateway.client()) {
            client.chat(false).response();
            await().until(() -> engine.open() == 0);
            client.chat(false).response();
            assertThat(engine.connections()).isEqualTo(2);
        }
    }

    @Test
    void anAddressInUseIsSaidPlainly() {
        try (var gateway = Gateway.start(URI.create("http://127.0.0.1:1"))) {
            assertThatThrownBy(() -> Gateway.start(
                            s -> ProxySettings.defaults(gateway.proxy().address()), URI.create("http://127.0.0.1:1")))
                    .hasMessageContaining("Cannot listen on");
        }
        assertThatThrownBy(() -> Gateway.start(URI.create("ftp://engine")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: an http or https URL");
    }
}
