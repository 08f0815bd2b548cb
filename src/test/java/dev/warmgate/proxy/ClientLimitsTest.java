package dev.warmgate.proxy;

import static dev.warmgate.proxy.front.ClientLimits.UNLIMITED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What one client, and all together, may take: connections, requests, header fields, and time over their answers. */
class ClientLimitsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final byte[] BODY = Client.chatBody("m", false).getBytes(UTF_8);
    private static final List<Subnet> LOOPBACK = List.of(Objects.requireNonNull(Subnet.parse("127.0.0.0/8")));

    private final CountDownLatch mayAnswer = new CountDownLatch(1);

    private static ClientLimits connections(int all, int perClient, boolean exempt) {
        return new ClientLimits(128, all, perClient, UNLIMITED, UNLIMITED, LONG, _ -> exempt);
    }

    private static ClientLimits requests(int all, int perClient) {
        return new ClientLimits(128, UNLIMITED, UNLIMITED, all, perClient, LONG, _ -> false);
    }

    private FakeEngine waiting() {
        return FakeEngine.start(call -> {
            mayAnswer.await();
            call.chat("ok");
        });
    }

    @Test
    void aRequestWithTooManyFieldsIsRefusedInTheCallersDialect() throws IOException {
        var limits = new ClientLimits(20, UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED, LONG, _ -> false);
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Gateway.limits(limits), engine.uri());
                var client = gateway.client()) {
            assertThat(client.post("/v1/messages", "X-A: b\r\n".repeat(18), BODY)
                            .response()
                            .text())
                    .contains("\"type\":\"request_too_large\"", "limits.maxHeaderFields");
            assertThat(client.post("/v1/chat/completions", "X-A: b\r\n".repeat(18), BODY)
                            .response()
                            .status())
                    .isEqualTo(431);
            assertThat(client.post("/v1/chat/completions", "X-A: b\r\n".repeat(17), BODY)
                            .response()
                            .status())
                    .isEqualTo(200);
            assertThat(engine.requests()).hasSize(1);
        }
    }

    @Test
    void tooManyConnectionsAreClosedAtOnceAndCounted() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Gateway.limits(connections(2, UNLIMITED, false)), engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            assertThat(first.chat(false).response().status()).isEqualTo(200);
            assertThat(second.chat(false).response().status()).isEqualTo(200);
            try (var third = gateway.client()) {
                assertThat(third.closed()).isTrue();
            }
            var clients = gateway.proxy().clients();
            assertThat(clients.refused()).isEqualTo(1);
            assertThat(clients.connections()).isEqualTo(2);
            second.reset();
            await().until(() -> clients.connections() == 1);
            try (var third = gateway.client()) {
                assertThat(third.chat(false).response().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void oneClientMayHaveOnlySoManyConnections() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Gateway.limits(connections(100, 1, false)), engine.uri());
                var first = gateway.client()) {
            assertThat(first.chat(false).response().status()).isEqualTo(200);
            try (var second = gateway.client();
                    var neighbour = Client.connect("127.0.0.9", gateway.proxy().address())) {
                assertThat(second.closed()).isTrue();
                assertThat(neighbour.chat(false).response().status()).isEqualTo(200);
            }
            assertThat(gateway.proxy().clients().refusedOfClients()).isEqualTo(1);
            assertThat(gateway.proxy().clients().refused()).isZero();
        }
    }

    @Test
    void aTrustedProxyMayHaveAnyNumberOfConnections() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Gateway.limits(connections(100, 1, true)), engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            assertThat(first.chat(false).response().status()).isEqualTo(200);
            assertThat(second.chat(false).response().status()).isEqualTo(200);
        }
    }

    @Test
    void aRequestTooManyIsRefusedBeforeItsBody() throws IOException {
        try (var engine = waiting();
                var gateway = Gateway.start(Gateway.limits(requests(1, UNLIMITED)), engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.send("POST /v1/messages HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n\r\n");
            var refused = second.response();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.field("retry-after")).isEqualTo("1");
            assertThat(refused.text()).contains("overloaded_error", "limits.maxRequests");
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.REFUSED);
            mayAnswer.countDown();
            assertThat(first.response().status()).isEqualTo(200);
            assertThat(first.chat(false).response().status()).isEqualTo(200);
        }
    }

    @Test
    void oneClientMayHaveOnlySoManyRequestsInFlight() throws IOException {
        try (var engine = waiting();
                var gateway = Gateway.start(Gateway.limits(requests(100, 1)), engine.uri());
                var first = gateway.client();
                var second = gateway.client();
                var neighbour = Client.connect("127.0.0.9", gateway.proxy().address())) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            neighbour.chat(false);
            await().until(() -> engine.requests().size() == 2);
            // Who is not a trusted proxy names nobody else.
            var refused = second.post("/v1/chat/completions", "X-Forwarded-For: 192.0.2.1\r\n", BODY)
                    .response();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.field("retry-after")).isEqualTo("1");
            assertThat(refused.text()).contains("rate_limit_exceeded", "limits.maxRequestsPerClient");
            mayAnswer.countDown();
            assertThat(first.response().status()).isEqualTo(200);
            assertThat(second.chat(false).response().status()).isEqualTo(200);
            assertThat(neighbour.response().status()).isEqualTo(200);
        }
    }

    @Test
    void behindATrustedProxyTheClientIsWhomItNames() throws Exception {
        var options = Gateway.Options.DEFAULT
                .adjust(Gateway.limits(requests(100, 1)))
                .outbound(new Outbound(EngineLinks.plain(), LOOPBACK));
        try (var engine = waiting();
                var gateway = Gateway.start(options, engine.uri());
                var first = gateway.client();
                var second = gateway.client();
                var third = gateway.client()) {
            first.post("/v1/chat/completions", "X-Forwarded-For: 198.51.100.7, 192.0.2.1, 127.0.0.3\r\n", BODY);
            await().until(() -> engine.requests().size() == 1);
            second.post("/v1/chat/completions", "X-Forwarded-For: 192.0.2.2\r\n", BODY);
            await().until(() -> engine.requests().size() == 2);
            // What stands before the last address that is not a proxy's may be forged.
            third.post("/v1/chat/completions", "X-Forwarded-For: 203.0.113.5, 192.0.2.1\r\n", BODY);
            assertThat(third.response().status()).isEqualTo(429);
            mayAnswer.countDown();
            assertThat(first.response().status()).isEqualTo(200);
            assertThat(second.response().status()).isEqualTo(200);
            await().untilAsserted(() -> assertThat(gateway.reports())
                    .extracting(RequestReport::client)
                    .containsExactlyInAnyOrder("192.0.2.1", "192.0.2.1", "192.0.2.2"));
        }
    }

    @Test
    void whatOthersSayAboutTheirClientsIsNotReported() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.post("/v1/chat/completions", "X-Forwarded-For: 192.0.2.1\r\n", BODY);
            client.response();
            assertThat(gateway.report(1).client()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void aClientThatTakesNoneOfItsAnswerIsCutOffInItsOwnTime() throws IOException {
        var limits =
                new ClientLimits(128, UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED, Duration.ofMillis(200), _ -> false);
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
                    for (int i = 0; i < 400; i++) {
                        call.raw(new byte[64 << 10]);
                    }
                });
                var gateway = Gateway.start(Gateway.limits(limits), engine.uri());
                var client = Client.connect(gateway.proxy().address(), 16 << 10)) {
            client.get("/v1/big");
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
            await().until(() -> engine.open() == 0);
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }
}
