package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.proxy.Gateway.Options;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.tenancy.ControlHeaders;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that find no room, in front of engines that hold their answers. */
class AdmissionTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "/v1/messages";
    private static final String LOWER = "x-warmgate-priority: -5\r\n";

    private final Semaphore mayAnswer = new Semaphore(0);

    private FakeEngine engine() {
        return FakeEngine.start(call -> {
            mayAnswer.acquire();
            call.chat("ok");
        });
    }

    private static AdmissionSettings settings(Duration maxWait, long maxRequests, long perFlow) {
        return new AdmissionSettings(true, maxWait, maxRequests, 1 << 20, List.of(), perFlow);
    }

    private static byte[] body() {
        return Client.chatBody("m", false).getBytes(UTF_8);
    }

    @Test
    void aRequestThatWaitsGoesWhenRoomComes() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.ROOM_FOR_ONE, engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.chat(false);
            gateway.awaitWaiting(1);
            assertThat(engine.requests()).hasSize(1);

            mayAnswer.release();
            assertThat(first.response().status()).isEqualTo(200);
            assertThat(gateway.report(1).admittance().queuedNanos()).isEqualTo(-1);
            await().until(() -> engine.requests().size() == 2);
            mayAnswer.release();
            assertThat(second.response().status()).isEqualTo(200);
            assertThat(new String(engine.requests().get(1).body(), UTF_8)).isEqualTo(Client.chatBody("m", false));
            var report = gateway.report(2);
            assertThat(report.outcome()).isEqualTo(Outcome.OK);
            assertThat(report.admittance().queuedNanos()).isPositive();
            assertThat(report.decisionNanos()).isLessThan(report.admittance().queuedNanos());
            assertThat(second.chat(false)).isNotNull();
            mayAnswer.release();
            assertThat(second.response().status()).isEqualTo(200);
        }
    }

    @Test
    void withoutAdmissionNobodyWaits() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(
                        Options.ROOM_FOR_ONE.admission(AdmissionSettings.DEFAULT.disabled()), engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            second.chat(false);
            await().until(() -> engine.requests().size() == 2);
            mayAnswer.release(2);
            first.response();
            second.response();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "reset", "shutdown"})
    void aClientThatLeavesFreesItsPlace(String how) throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.ROOM_FOR_ONE, engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.chat(false);
            gateway.awaitWaiting(1);
            leave(second, how);
            gateway.awaitWaiting(0);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_GONE);
            mayAnswer.release();
            assertThat(first.response().status()).isEqualTo(200);
            gateway.assertQuiet();
            assertThat(engine.requests()).hasSize(1);
        }
    }

    private static void leave(Client client, String how) throws IOException {
        switch (how) {
            case "close" -> client.close();
            case "reset" -> client.reset();
            default -> client.shutdownOutput();
        }
    }

    @Test
    void whoWaitsTooLongIsToldInItsDialectWhenToTryAgain() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(
                        Options.ROOM_FOR_ONE.admission(settings(Duration.ofMillis(100), 10, 10)), engine.uri());
                var first = gateway.client();
                var openAi = gateway.client();
                var anthropic = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            openAi.chat(false);
            anthropic.post(MESSAGES, Client.chatBody("m", false));

            var answer = openAi.response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.text()).contains("\"code\":\"overloaded\"");
            assertThat(answer.field("x-llm-d-request-dropped-reason")).isEqualTo("expired");
            assertThat(Integer.parseInt(answer.field("retry-after"))).isBetween(1, 60);
            answer = anthropic.response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.text()).contains("\"type\":\"overloaded_error\"");
            assertThat(answer.field("x-llm-d-request-dropped-reason")).isEqualTo("expired");
            assertThat(Integer.parseInt(answer.field("retry-after"))).isBetween(1, 60);

            var report = gateway.report(2);
            assertThat(report.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(report.admittance().refusal()).isEqualTo("expired");
            assertThat(report.admittance().queuedNanos()).isGreaterThanOrEqualTo(90_000_000);
            // The connection goes on.
            mayAnswer.release(2);
            first.response();
            assertThat(openAi.chat(false).response().status()).isEqualTo(200);
        }
    }

    @Test
    void higherPrioritiesOvertake() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.ROOM_FOR_ONE, engine.uri());
                var first = gateway.client();
                var low = gateway.client();
                var high = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            low.post(CHAT, LOWER + "x-request-id: low\r\n", body());
            gateway.awaitWaiting(1);
            high.post(CHAT, "x-request-id: high\r\n", body());
            gateway.awaitWaiting(2);
            mayAnswer.release(3);
            first.response();
            high.response();
            low.response();
            assertThat(engine.requests())
                    .extracting(request -> request.field("x-request-id"))
                    .endsWith("high", "low");
        }
    }

    @Test
    void aFlowWithTooManyWaitingIsRefusedAndOthersWait() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(
                        Options.ROOM_FOR_ONE.admission(settings(Duration.ofSeconds(60), 10, 1)), engine.uri());
                var first = gateway.client();
                var second = gateway.client();
                var third = gateway.client();
                var other = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.chat(false);
            gateway.awaitWaiting(1);
            var answer = third.chat(false).response();
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).contains("\"code\":\"rate_limit_exceeded\"");
            assertThat(answer.field("x-llm-d-request-dropped-reason")).isEqualTo("flow-full");
            assertThat(answer.field("retry-after")).isNotNull();
            answer = third.post(MESSAGES, Client.chatBody("m", false)).response();
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).contains("\"type\":\"rate_limit_error\"");
            other.post(CHAT, "x-gateway-inference-fairness-id: alice\r\n", body());
            gateway.awaitWaiting(2);
            mayAnswer.release(3);
            first.response();
            second.response();
            assertThat(other.response().status()).isEqualTo(200);
        }
    }

    @Test
    void whoIsShedHearsOfIt() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(
                        Options.ROOM_FOR_ONE.admission(settings(Duration.ofSeconds(60), 1, 10)), engine.uri());
                var first = gateway.client();
                var low = gateway.client();
                var high = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            low.post(CHAT, LOWER, body());
            gateway.awaitWaiting(1);
            high.chat(false);
            var answer = low.response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("x-llm-d-request-dropped-reason")).isEqualTo("shed");
            mayAnswer.release(2);
            first.response();
            assertThat(high.response().status()).isEqualTo(200);
        }
    }

    @Test
    void aDeadlineThatCannotBeMetIsRefusedAtOnce() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.DEFAULT, engine.uri());
                var client = gateway.client()) {
            String prompt = "word ".repeat(100_000);
            byte[] body = ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}")
                    .getBytes(UTF_8);
            var answer = client.post(CHAT, "x-request-timeout-ms: 50\r\n", body).response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("x-llm-d-request-dropped-reason")).isEqualTo("deadline");
            assertThat(engine.requests()).isEmpty();
        }
    }

    @Test
    void aDeadlineEndsTheWaitForRoom() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.ROOM_FOR_ONE, engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            var answer =
                    second.post(CHAT, "x-request-timeout-ms: 100\r\n", body()).response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("x-llm-d-request-dropped-reason")).isEqualTo("deadline");
            mayAnswer.release();
            first.response();
        }
    }

    @Test
    void aDeadlineEndsTheWaitForAnAnswer() throws IOException {
        try (var engine = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var gateway = Gateway.start(Options.DEFAULT, engine.uri());
                var client = gateway.client()) {
            var answer =
                    client.post(CHAT, "x-request-timeout-ms: 150\r\n", body()).response();
            assertThat(answer.status()).isEqualTo(504);
            assertThat(answer.text()).contains("deadline_exceeded");
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.REFUSED);
            assertThat(gateway.report(1).admittance().refusal()).isEqualTo("late");
            assertThat(gateway.retries()).isEmpty();
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, MESSAGES, "/v1/responses"})
    void aDeadlineEndsAStreamWithAnErrorOfItsDialect(String path) throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("one");
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(Options.DEFAULT, engine.uri());
                var client = gateway.client()) {
            byte[] body = (path.equals("/v1/responses")
                            ? "{\"model\":\"m\",\"stream\":true,\"input\":\"Hello\"}"
                            : Client.chatBody("m", true))
                    .getBytes(UTF_8);
            var answer =
                    client.post(path, "x-request-timeout-ms: 150\r\n", body).response();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).contains("one");
            String end = answer.text().substring(answer.text().indexOf("\n\n") + 2);
            switch (path) {
                case CHAT ->
                    assertThat(end).startsWith("data: {\"error\":{\"message\":").endsWith("data: [DONE]\n\n");
                case MESSAGES -> assertThat(end).startsWith("event: error\ndata: {\"type\":\"error\",\"error\":{");
                default -> assertThat(end).startsWith("event: error\ndata: {\"type\":\"error\",\"code\":\"");
            }
            await().until(() -> engine.departures() == 1);
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.REFUSED);
        }
    }

    @Test
    void anOldClientGetsTheErrorBeforeTheConnectionEnds() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("one");
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(Options.DEFAULT, engine.uri());
                var client = gateway.client()) {
            String body = Client.chatBody("m", true);
            client.send("POST " + CHAT + " HTTP/1.0\r\nx-request-timeout-ms: 150\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body);
            assertThat(client.responseHead().field("transfer-encoding")).isNull();
            var text = new StringBuilder();
            for (int b = client.read(); b >= 0; b = client.read()) {
                text.append((char) b);
            }
            assertThat(text).contains("one", "deadline_exceeded").endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void aDeadlineInsideAnEventIsHeardInItsPlace() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.chunk("data: {\"half\":");
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(Options.DEFAULT, engine.uri());
                var client = gateway.client()) {
            byte[] body = Client.chatBody("m", true).getBytes(UTF_8);
            var answer =
                    client.post(CHAT, "x-request-timeout-ms: 150\r\n", body).response();
            assertThat(answer.text()).startsWith("data: {\"error\":{").contains("deadline_exceeded");
        }
    }

    @Test
    void aDrainServesWhoWaits() throws Exception {
        try (var engine = engine();
                var gateway = Gateway.start(Options.ROOM_FOR_ONE, engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.chat(false);
            gateway.awaitWaiting(1);
            var drained = CompletableFuture.supplyAsync(() -> gateway.proxy().drain(Duration.ofSeconds(30)));
            mayAnswer.release(2);
            assertThat(first.response().status()).isEqualTo(200);
            assertThat(second.response().status()).isEqualTo(200);
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void closingEndsWhoWaits() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.ROOM_FOR_ONE, engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.chat(false);
            gateway.awaitWaiting(1);
            assertThat(gateway.proxy().drain(Duration.ofMillis(50))).isFalse();
            gateway.proxy().close();
            assertThat(second.closed()).isTrue();
            gateway.awaitWaiting(0);
        }
    }

    @Test
    void whatIsNotUnderstoodDoesNotWait() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.ROOM_FOR_ONE, engine.uri());
                var first = gateway.client();
                var second = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.post("/v1/tokenize", Client.chatBody("m", false));
            await().until(() -> engine.requests().size() == 2);
            mayAnswer.release(2);
            first.response();
            second.response();
        }
    }

    @Test
    void wishesDoNotReachTheEngine() throws IOException {
        try (var engine = engine();
                var gateway = Gateway.start(Options.DEFAULT, engine.uri());
                var client = gateway.client()) {
            mayAnswer.release();
            var fields = new StringBuilder("Authorization: Bearer for-the-engine\r\nx-app: kept\r\n");
            for (String wish : ControlHeaders.WISHES) {
                fields.append(wish).append(wish.endsWith("-ms") ? ": 20000\r\n" : ": -1\r\n");
            }
            assertThat(client.post(CHAT, fields.toString(), body()).response().status())
                    .isEqualTo(200);
            var request = engine.requests().getFirst();
            for (String wish : ControlHeaders.WISHES) {
                assertThat(request.field(wish)).as(wish).isNull();
            }
            assertThat(request.field("x-app")).isEqualTo("kept");
            // Without keys of our own, those of callers are the engine's.
            assertThat(request.field("authorization")).isEqualTo("Bearer for-the-engine");
        }
    }
}
