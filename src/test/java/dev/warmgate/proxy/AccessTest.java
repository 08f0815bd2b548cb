package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.proxy.Gateway.Options;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.Quotas;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import dev.warmgate.router.tenancy.Tenant;
import dev.warmgate.router.tenancy.TextPattern;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys, models, grants and quotas, as a client sees them. */
class AccessTest {
    private static final String CHAT = "/v1/chat/completions";
    static final String KEY = "sk-0123456789abcdef0123456789abcdef";
    static final String BEARER = "Authorization: Bearer " + KEY + "\r\n";

    private static final Tenant ACME = new Tenant(
            "acme",
            1,
            0,
            null,
            Set.of(Objects.requireNonNull(ApiKey.parse(KEY))),
            List.of(Objects.requireNonNull(TextPattern.parse("m*"))),
            false,
            false);

    /** Returns access for who has {@link #BEARER} alone, to models that begin with m. */
    static Access keyed() {
        return new Access(tenancy(), Access.OPEN.quotas(), ModelRewrites.NONE);
    }

    private static Tenancy tenancy() {
        return new Tenancy(
                new TenancySettings(List.of(ACME), List.of(), List.of(), Map.of(), UnknownObjective.REJECT, true));
    }

    private static Quotas quotas(QuotaKind kind, double limit, int expectedOutput) {
        var base = QuotaSpec.of(Map.of(new QuotaScope.OfTenant("default"), QuotaLimits.NONE.with(kind, limit)));
        var spec = new QuotaSpec(
                base.limits(), base.defaultTenant(), base.prices(), expectedOutput, base.wholeAnswerTokens());
        return new Quotas(new InMemoryQuotaStore(System::nanoTime, InstantSource.system()), spec);
    }

    private static Options with(Quotas quotas) {
        return Options.DEFAULT.access(new Access(new Tenancy(TenancySettings.DEFAULT), quotas, ModelRewrites.NONE));
    }

    private static byte[] body(String model) {
        return Client.chatBody(model, false).getBytes(UTF_8);
    }

    private static double used(Quotas quotas) {
        return quotas.usage().getFirst().state().used();
    }

    private static double held(Quotas quotas) {
        return quotas.usage().getFirst().state().held();
    }

    /** The rule leads to what the operator wants; the header to nothing that the body could not have asked for. */
    @Test
    void rightsGoByTheModelThatIsAskedFor() throws IOException {
        var rule = new ModelRewrites.Rule("m", List.of(new ModelRewrites.Target("hidden", 1)));
        var access = new Access(tenancy(), Access.OPEN.quotas(), new ModelRewrites(List.of(rule)));
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Options.DEFAULT.access(access), engine.uri());
                var client = gateway.client()) {
            assertThat(client.post(CHAT, BEARER, body("m")).response().status()).isEqualTo(200);
            assertThat(engine.requests().getLast().text()).contains("\"hidden\"");
            assertThat(client.post(CHAT, BEARER, body("hidden")).response().status())
                    .isEqualTo(403);
            String wish = BEARER + "x-llm-d-model-name-rewrite: hidden\r\n";
            assertThat(client.post(CHAT, wish, body("x")).response().status()).isEqualTo(403);
            assertThat(engine.requests()).hasSize(1);
        }
    }

    @Test
    void keysModelsAndGrantsAreChecked() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(
                        Options.DEFAULT.access(new Access(tenancy(), Access.OPEN.quotas(), ModelRewrites.NONE)),
                        engine.uri());
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.field("www-authenticate")).isEqualTo("Bearer");
            assertThat(answer.text()).contains("\"code\":\"invalid_api_key\"");

            answer = client.post("/v1/messages", "x-api-key: wrong\r\n", body("m"))
                    .response();
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.field("www-authenticate")).isEqualTo("Bearer");
            assertThat(answer.text()).contains("\"type\":\"authentication_error\"");

            answer = client.post(CHAT, BEARER, body("other")).response();
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.field("www-authenticate")).isNull();

            answer = client.post(CHAT, BEARER + "x-warmgate-priority: 5\r\n", body("m"))
                    .response();
            assertThat(answer.status()).isEqualTo(400);
            answer = client.post(CHAT, BEARER + "x-llm-d-inference-objective: none\r\n", body("m"))
                    .response();
            assertThat(answer.status()).isEqualTo(400);

            // Other paths and the list of models need a key as well; a body of unknown model is not for all.
            assertThat(client.get("/v1/models").response().status()).isEqualTo(401);
            assertThat(client.get("/v1/thing").response().status()).isEqualTo(401);
            assertThat(client.post("/v1/thing", BEARER, body("m")).response().status())
                    .isEqualTo(403);
            assertThat(engine.requests()).isEmpty();

            assertThat(client.post(CHAT, BEARER, body("m")).response().status()).isEqualTo(200);
            assertThat(client.send("GET /v1/thing HTTP/1.1\r\n" + BEARER + "\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
            assertThat(client.send("GET /v1/models HTTP/1.1\r\n" + BEARER + "\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
            assertThat(engine.requests())
                    .hasSize(2)
                    .allSatisfy(request ->
                            assertThat(request.field("authorization")).isNull());

            assertThat(gateway.report(11).admittance().standing()).isNotNull();
            assertThat(gateway.reports())
                    .extracting(report -> report.admittance().refusal())
                    .contains(
                            "missing-key",
                            "unknown-key",
                            "model-not-allowed",
                            "priority-not-granted",
                            "unknown-objective");
        }
    }

    @Test
    void strangersNeedNotSendTheirBodies() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(
                        Options.DEFAULT.access(new Access(tenancy(), Access.OPEN.quotas(), ModelRewrites.NONE)),
                        engine.uri());
                var large = gateway.client();
                var asking = gateway.client();
                var other = gateway.client()) {
            String head = "POST %s HTTP/1.1\r\nContent-Length: 5000000\r\n%s\r\n";
            large.send(head.formatted(CHAT, ""));
            assertThat(large.response().status()).isEqualTo(401);
            asking.send(head.formatted(CHAT, "Expect: 100-continue\r\n"));
            assertThat(asking.response().status()).isEqualTo(401);
            other.send(head.formatted("/v1/files", "Expect: 100-continue\r\n"));
            assertThat(other.response().status()).isEqualTo(401);
        }
    }

    @Test
    void embeddingsHaveNoOutputToReserve() throws IOException {
        var quotas = quotas(QuotaKind.TOKENS_PER_DAY, 1_000, 256);
        var mayAnswer = new Semaphore(0);
        try (var engine = FakeEngine.start(call -> {
                    mayAnswer.acquire();
                    call.json(200, "{\"data\":[],\"usage\":{\"prompt_tokens\":4,\"total_tokens\":4}}");
                });
                var gateway = Gateway.start(with(quotas), engine.uri());
                var client = gateway.client()) {
            client.post("/v1/embeddings", "{\"model\":\"m\",\"input\":\"Hello!\"}");
            await().until(() -> engine.requests().size() == 1);
            assertThat(held(quotas)).isBetween(1.0, 10.0);
            mayAnswer.release();
            client.response();
            gateway.report(1);
            assertThat(used(quotas)).isEqualTo(4);
        }
    }

    @Test
    void aKeyInTheOtherHeaderDoesNotReachTheEngine() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(
                        Options.DEFAULT.access(new Access(tenancy(), Access.OPEN.quotas(), ModelRewrites.NONE)),
                        engine.uri());
                var client = gateway.client()) {
            assertThat(client.post("/v1/messages", "x-api-key: " + KEY + "\r\n", body("m"))
                            .response()
                            .status())
                    .isEqualTo(200);
            assertThat(engine.requests().getFirst().field("x-api-key")).isNull();
        }
    }

    @Test
    void aLimitIsToldBeforeAndWhenItIsReached() throws IOException {
        var quotas = quotas(QuotaKind.REQUESTS_PER_MINUTE, 2, 256);
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(with(quotas), engine.uri());
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.field("x-ratelimit-limit-requests")).isEqualTo("2");
            assertThat(answer.field("x-ratelimit-remaining-requests")).isEqualTo("1");
            assertThat(answer.field("x-ratelimit-reset-requests")).isNotNull();
            client.chat(false).response();

            answer = client.chat(false).response();
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).contains("\"type\":\"requests\"", "\"code\":\"rate_limit_exceeded\"");
            assertThat(answer.field("x-ratelimit-remaining-requests")).isEqualTo("0");
            assertThat(answer.field("x-llm-d-request-dropped-reason")).isEqualTo("quota");
            assertThat(answer.field("x-should-retry")).isNull();
            assertThat(Integer.parseInt(answer.field("retry-after"))).isBetween(25, 31);
            assertThat(gateway.outcome(3)).isEqualTo(Outcome.REFUSED);
            assertThat(engine.requests()).hasSize(2);
        }
    }

    @Test
    void whatIsLargerThanTheLimitIsNotToBeTriedAgain() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(with(quotas(QuotaKind.TOKENS_PER_MINUTE, 50, 256)), engine.uri());
                var client = gateway.client()) {
            var answer =
                    client.post("/v1/messages", Client.chatBody("m", false)).response();
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).contains("\"type\":\"rate_limit_error\"");
            assertThat(answer.field("x-should-retry")).isEqualTo("false");
            assertThat(answer.field("retry-after")).isNull();
            assertThat(answer.field("x-ratelimit-limit-tokens")).isEqualTo("50");
        }
    }

    @Test
    void theRealCountIsSettledAndWhatNeverWentOutIsGivenBack() throws IOException {
        var quotas = quotas(QuotaKind.TOKENS_PER_DAY, 1_000, 256);
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(with(quotas), engine.uri());
                var client = gateway.client()) {
            client.chat(false).response();
            gateway.report(1);
            assertThat(used(quotas)).isEqualTo(12);
            assertThat(held(quotas)).isZero();
        }
        try (var gateway = Gateway.start(with(quotas), URI.create("http://127.0.0.1:1"));
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("x-ratelimit-limit-tokens")).isEqualTo("1000");
            gateway.report(1);
            assertThat(used(quotas) + held(quotas)).isEqualTo(12);
        }
    }

    @Test
    void whoLeavesTheQueueGetsItsReservationBack() throws IOException {
        var mayAnswer = new Semaphore(0);
        var quotas = quotas(QuotaKind.CONCURRENT_REQUESTS, 2, 256);
        try (var engine = FakeEngine.start(call -> {
                    mayAnswer.acquire();
                    call.chat("ok");
                });
                var gateway =
                        Gateway.start(with(quotas).kvTokens(100).admission(AdmissionSettings.DEFAULT), engine.uri());
                var first = gateway.client();
                var second = gateway.client();
                var third = gateway.client()) {
            first.chat(false);
            await().until(() -> engine.requests().size() == 1);
            second.chat(false);
            gateway.awaitWaiting(1);
            assertThat(held(quotas)).isEqualTo(2);
            assertThat(third.chat(false).response().status()).isEqualTo(429);
            second.reset();
            gateway.awaitWaiting(0);
            await().until(() -> held(quotas) == 1);
            mayAnswer.release();
            first.response();
        }
        assertThat(held(quotas)).isZero();
    }

    @Test
    void aStreamEndsWhenItsLimitIsUsedUp() throws IOException {
        var quotas = quotas(QuotaKind.TOKENS_PER_DAY, 100, 1);
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    for (int i = 0; i < 100; i++) {
                        call.token("t" + i);
                    }
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(with(quotas), engine.uri());
                var client = gateway.client()) {
            var answer = client.chat(true).response();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text())
                    .contains("\"code\":\"rate_limit_exceeded\"")
                    .endsWith("data: [DONE]\n\n");
            await().until(() -> engine.departures() == 1);
            var report = gateway.report(1);
            assertThat(report.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(report.admittance().refusal()).isEqualTo("quota");
            assertThat(used(quotas)).isBetween(98.0, 103.0);
            assertThat(held(quotas)).isZero();
            assertThat(quotas.usage().getFirst().exhausted()).isEqualTo(1);
            // The connection goes on.
            assertThat(client.chat(true).response().status()).isEqualTo(429);
        }
    }

    @Test
    void timeOfEndpointsIsEstimatedAndSettled() throws IOException {
        var quotas = quotas(QuotaKind.GPU_SECONDS_PER_DAY, 1_000, 256);
        var mayAnswer = new Semaphore(0);
        try (var engine = FakeEngine.start(call -> {
                    mayAnswer.acquire();
                    call.chat("ok");
                });
                var gateway = Gateway.start(with(quotas), engine.uri());
                var client = gateway.client()) {
            client.chat(false);
            await().until(() -> engine.requests().size() == 1);
            double expected = held(quotas);
            assertThat(expected).isPositive();
            mayAnswer.release();
            client.response();
            gateway.report(1);
            assertThat(held(quotas)).isZero();
            // 3 tokens of output instead of 256.
            assertThat(used(quotas)).isPositive().isLessThan(expected / 10);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = QuotaKind.class,
            names = {"TOKENS_PER_DAY", "GPU_SECONDS_PER_DAY"})
    void anErrorOfTheEngineCostsOnlyTheRequest(QuotaKind kind) throws IOException {
        var quotas = quotas(kind, 1_000, 256);
        try (var engine = FakeEngine.start(call -> call.json(400, "{}"));
                var gateway = Gateway.start(with(quotas), engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(400);
            gateway.report(1);
            assertThat(used(quotas) + held(quotas)).isZero();
        }
    }

    @Test
    void whatRunsWithoutACountCostsWhatWasReserved() throws IOException {
        var quotas = quotas(QuotaKind.TOKENS_PER_DAY, 1_000, 256);
        try (var engine = FakeEngine.start(FakeEngine.Call::awaitDeparture);
                var gateway = Gateway.start(
                        with(quotas)
                                .adjust(Gateway.timeouts(
                                        Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(20))),
                        engine.uri())) {
            try (var client = gateway.client()) {
                client.chat(false);
                await().until(() -> engine.requests().size() == 1);
            }
            gateway.report(1);
            assertThat(used(quotas)).isGreaterThan(256);
            assertThat(held(quotas)).isZero();
        }
    }
}
