package dev.warmgate.proxy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.Exposure;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {
    private static final HealthPolicy WITHOUT_PANIC =
            new HealthPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(30));

    private static final HealthPolicy NEVER_EJECTED =
            new HealthPolicy(1_000, Duration.ofMillis(1), Duration.ofMillis(1));

    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void aRefusedConnectionIsRetriedElsewhere() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("second"));
                var gateway = Gateway.start(refusing(), engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("second");
            assertThat(gateway.retries()).containsExactly(FailureKind.CONNECT);
            var report = gateway.report(1);
            assertThat(report.retries()).isEqualTo(1);
            assertThat(report.outcome()).isEqualTo(Outcome.OK);
        }
    }

    @Test
    void aResetBeforeTheFirstByteIsRetriedElsewhereWithTheSameBody() throws IOException {
        try (var bad = FakeEngine.start(FakeEngine.Call::reset);
                var good = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(bad.uri(), good.uri());
                var client = gateway.client()) {
            assertThat(client.chat(true).response().text()).contains("ok");
            assertThat(gateway.retries()).containsExactly(FailureKind.RESET);
            assertThat(good.requests().getFirst().body())
                    .isEqualTo(bad.requests().getFirst().body());
            assertThat(good.requests().getFirst().field("host")).isEqualTo("127.0.0.1:" + good.port());
        }
    }

    @Test
    void aStallBeforeTheFirstByteIsRetriedElsewhereAndEndsThere() throws IOException {
        try (var slow = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var good = FakeEngine.start(call -> call.chat("ok"));
                var gateway =
                        Gateway.start(Gateway.timeouts(Duration.ofMillis(100), LONG, LONG), slow.uri(), good.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("ok");
            assertThat(gateway.retries()).containsExactly(FailureKind.STALL);
            await().until(() -> slow.departures() == 1);
        }
    }

    @Test
    void whenAllStallTheClientIsToldSo() throws IOException {
        try (var slow = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var gateway = Gateway.start(Gateway.timeouts(Duration.ofMillis(100), LONG, LONG), slow.uri());
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.status()).isEqualTo(504);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
            assertThat(gateway.report(1).exposure()).isEqualTo(Exposure.NO_ENDPOINT);
        }
    }

    @Test
    void whenAllResetTheClientIsToldSo() throws IOException {
        try (var one = FakeEngine.start(FakeEngine.Call::reset);
                var two = FakeEngine.start(FakeEngine.Call::close);
                var gateway = Gateway.start(one.uri(), two.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(502);
            assertThat(one.requests()).hasSize(1);
            assertThat(two.requests()).hasSize(1);
        }
    }

    @Test
    void garbageInsteadOfAnAnswerIsTheEngineFailing() throws IOException {
        try (var bad = FakeEngine.start(call -> call.raw("SMTP ready\r\n\r\n"));
                var good = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(bad.uri(), good.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("ok");
            assertThat(gateway.retries()).containsExactly(FailureKind.RESET);
        }
    }

    @Test
    void nothingIsRetriedAfterTheFirstByte() throws IOException {
        try (var bad = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("half");
                    call.reset();
                });
                var good = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(bad.uri(), good.uri());
                var client = gateway.client()) {
            client.chat(true).responseHead();
            assertThatThrownBy(() -> {
                        while (!client.chunk().isEmpty()) {}
                    })
                    .as("the answer must not end as if it were whole")
                    .isInstanceOf(Exception.class);
            assertThat(good.requests()).isEmpty();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
            assertThat(gateway.report(1).exposure()).isEqualTo(Exposure.INSIDE_ANSWER);
        }
    }

    /** An engine whose API answers while its worker is dead: headers alone are no success. */
    @Test
    void anEndpointThatKeepsDyingInsideItsAnswersIsEjected() throws IOException {
        try (var bad = FakeEngine.start(call -> {
                    call.beginStream();
                    call.reset();
                });
                // Alone it would get requests all the same: better a try than no answer.
                var gateway = Gateway.start(s -> s, WITHOUT_PANIC, bad.uri())) {
            for (int i = 0; i < WITHOUT_PANIC.consecutiveFailures(); i++) {
                try (var client = gateway.client()) {
                    assertThatThrownBy(() -> client.chat(true).response()).isInstanceOf(IOException.class);
                }
            }
            try (var client = gateway.client()) {
                assertThat(client.chat(true).response().status()).isEqualTo(503);
            }
        }
    }

    @Test
    void aTruncatedAnswerNeverEndsCleanlyWhateverItsFraming() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    switch (call.path()) {
                        case "/v1/length" -> call.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
                        default -> {
                            call.beginStream();
                            call.token("x");
                        }
                    }
                    call.close();
                });
                var gateway = Gateway.start(x -> x, NEVER_EJECTED, engine.uri())) {
            for (String request : new String[] {
                "GET /v1/length HTTP/1.1\r\n\r\n",
                "GET /v1/chunks HTTP/1.1\r\n\r\n",
                "GET /v1/length HTTP/1.0\r\n\r\n",
                "GET /v1/chunks HTTP/1.0\r\n\r\n"
            }) {
                try (var client = gateway.client()) {
                    client.send(request);
                    assertThatThrownBy(client::response).as(request).isInstanceOf(IOException.class);
                }
            }
            assertThat(gateway.outcome(4)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    @Test
    void aResetIsNotTheEndOfAnAnswerWithoutLength() throws IOException {
        var seen = new CountDownLatch(1);
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                    seen.await();
                    call.reset();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.get("/v1/x").responseHead();
            assertThat(client.chunk()).isEqualTo("until the end");
            seen.countDown();
            assertThat(client.closed()).isTrue();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    @Test
    void aStallInsideTheAnswerBreaksItOff() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("half");
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(Gateway.timeouts(LONG, Duration.ofMillis(150), LONG), engine.uri());
                var client = gateway.client()) {
            client.chat(true).responseHead();
            assertThat(client.chunk()).contains("half");
            assertThat(client.chunk()).contains("\"error\"");
            assertThat(client.closed()).isTrue();
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    @Test
    void aStallIsCountedFromTheLastEvent() throws IOException {
        var never = new CountDownLatch(1);
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    for (int i = 0; i < 6; i++) {
                        call.token("slow");
                        assertThat(never.await(200, MILLISECONDS)).isFalse();
                    }
                    call.token("last");
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(Gateway.timeouts(LONG, Duration.ofMillis(800), LONG), engine.uri());
                var client = gateway.client()) {
            client.chat(true).responseHead();
            for (int i = 0; i < 6; i++) {
                assertThat(client.chunk()).contains("slow");
            }
            assertThat(client.chunk()).contains("last");
            assertThat(client.chunk()).contains("\"error\"");
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void anErrorStatusIsPassedOnAndNotRetried() throws IOException {
        try (var one = FakeEngine.start(call -> call.json(500, "{\"error\":\"mine\"}"));
                var two = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(one.uri(), two.uri());
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.text()).isEqualTo("{\"error\":\"mine\"}");
            assertThat(two.requests()).isEmpty();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.ENDPOINT_ERROR);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void anEngineThatIsFullIsLeftForAnother(int status) throws IOException {
        try (var full = FakeEngine.start(call -> call.json(status, "{\"error\":\"full\"}", "Retry-After: 7\r\n"));
                var free = FakeEngine.start(call -> call.chat("free"));
                var gateway = Gateway.start(full.uri(), free.uri());
                var client = gateway.client()) {
            assertThat(client.chat(true).response().text()).contains("free");
            assertThat(free.requests().getFirst().body())
                    .isEqualTo(full.requests().getFirst().body());
            assertThat(gateway.retries()).containsExactly(FailureKind.BUSY);
            assertThat(gateway.report(1).retries()).isEqualTo(1);
            assertThat(gateway.proxy().retrying()).isZero();
        }
    }

    /** Its word is what the client gets, with a time to wait that the SDKs obey. */
    @ParameterizedTest
    @CsvSource({
        "503, '', 1",
        "503, 7, 7",
        "429, 131, 60",
        "503, 0, 1",
        "429, 'Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'"
    })
    void whereAllAreFullTheLastOneIsHeard(int status, String said, String heard) throws IOException {
        String field = said.isEmpty() ? "" : "Retry-After: " + said + "\r\n";
        try (var one = FakeEngine.start(call -> call.json(status, "{\"error\":\"one\"}", field));
                var two = FakeEngine.start(call -> call.json(status, "{\"error\":\"two\"}", field));
                var gateway = Gateway.start(one.uri(), two.uri());
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.text()).isEqualTo("{\"error\":\"two\"}");
            assertThat(answer.field("retry-after")).isEqualTo(heard);
            assertThat(one.requests()).hasSize(1);
            assertThat(two.requests()).hasSize(1);
            assertThat(gateway.proxy().retrying()).isZero();
        }
    }

    /** What may have had an effect is not sent twice, whatever the engine says. */
    @Test
    void aPostThatIsNotUnderstoodIsNotRetriedWhenAnEngineIsFull() throws IOException {
        try (var full = FakeEngine.start(call -> call.json(503, "{}"));
                var free = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(full.uri(), free.uri());
                var client = gateway.client()) {
            assertThat(client.post("/v1/files", "data").response().status()).isEqualTo(503);
            assertThat(free.requests()).isEmpty();
        }
    }

    @Test
    void allDownIs503WithRetryAfterUntilOneIsBack() throws IOException {
        int port = freePort();
        var health = new HealthPolicy(2, Duration.ofMillis(50), Duration.ofMillis(200));
        try (var gateway = Gateway.start(s -> s, health, URI.create("http://127.0.0.1:" + port), refusing());
                var client = gateway.client()) {
            for (String path : new String[] {"/v1/chat/completions", "/v1/messages"}) {
                var answer = client.post(path, Client.chatBody("m", false)).response();
                assertThat(answer.status()).isEqualTo(503);
                assertThat(Integer.parseInt(String.valueOf(answer.field("retry-after"))))
                        .isBetween(1, 60);
                assertThat(answer.text()).startsWith(path.endsWith("messages") ? "{\"type\":\"error\"" : "{\"error\"");
            }
            assertThat(gateway.outcome(2)).isEqualTo(Outcome.NO_ENDPOINT);
            try (var engine = FakeEngine.start(port, call -> call.chat("back"))) {
                var back = new AtomicBoolean();
                await().until(() -> {
                    back.set(client.chat(false).response().status() == 200);
                    return back.get();
                });
                assertThat(engine.requests()).hasSize(1);
            }
        }
    }

    @Test
    void aStreamedBodyIsNotSentTwice() throws IOException {
        try (var bad = FakeEngine.start(FakeEngine.Call::reset);
                var good = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(bad.uri(), good.uri());
                var client = gateway.client()) {
            assertThat(client.post("/v1/files", "data").response().status()).isEqualTo(502);
            assertThat(good.requests()).isEmpty();
        }
    }

    @Test
    void aStreamedBodyFollowsWhenNoConnectionWasMade() throws IOException {
        try (var good = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(refusing(), good.uri());
                var client = gateway.client()) {
            assertThat(client.post("/v1/files", "data").response().status()).isEqualTo(200);
            assertThat(good.requests().getFirst().text()).isEqualTo("data");
            assertThat(gateway.retries()).containsExactly(FailureKind.CONNECT);
        }
    }

    @Test
    void aHostNameIsLookedUp() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(
                        URI.create("http://no-such-host.invalid:1"), URI.create("http://localhost:" + engine.port()));
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(200);
            assertThat(gateway.retries()).containsExactly(FailureKind.CONNECT);
        }
    }

    private static URI refusing() throws IOException {
        return URI.create("http://127.0.0.1:" + freePort());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
