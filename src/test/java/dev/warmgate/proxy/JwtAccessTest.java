package dev.warmgate.proxy;

import static dev.warmgate.testing.TokenIssuer.claims;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.identity.IssuerSettings;
import dev.warmgate.identity.IssuerSettings.ClaimNames;
import dev.warmgate.identity.JwtVerifier;
import dev.warmgate.identity.KeyLocation;
import dev.warmgate.proxy.Gateway.Options;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import dev.warmgate.router.tenancy.Tenant;
import dev.warmgate.testing.TokenIssuer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Signed tokens, as a client sees them. */
class JwtAccessTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final byte[] BODY = Client.chatBody("m", false).getBytes(UTF_8);

    private static Options believing(TokenIssuer issuer) {
        var settings = new IssuerSettings(
                TokenIssuer.NAME,
                new KeyLocation.Web(issuer.keysUrl()),
                null,
                Set.of(TokenIssuer.AUDIENCE),
                IssuerSettings.DEFAULT_ALGORITHMS,
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                "acme",
                ClaimNames.DEFAULT);
        var acme = new Tenant("acme", 1, 10, null, Set.of(), List.of(), false, false);
        var tenancy = new Tenancy(
                new TenancySettings(List.of(acme), List.of(), List.of(), Map.of(), UnknownObjective.REJECT, true),
                new JwtVerifier(List.of(settings), InstantSource.system(), System::nanoTime));
        return Options.DEFAULT.access(new Access(tenancy, Access.OPEN.quotas(), ModelRewrites.NONE));
    }

    private static String bearer(TokenIssuer.Key key, Map<String, ? extends @Nullable Object> more) throws Exception {
        return "Authorization: Bearer " + key.token(claims(Instant.now(), more)) + "\r\n";
    }

    private static void refused(Client client, String path, String field, int status, String says) throws IOException {
        var answer = client.post(path, field, BODY).response();
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text()).contains(says);
        String token = field.substring(field.lastIndexOf(' ') + 1).strip();
        assertThat(answer.text()).doesNotContain(token);
        assertThat(answer.fields()).noneMatch(line -> line.contains(token));
        if (status == 401) {
            assertThat(answer.field("www-authenticate")).isEqualTo("Bearer error=\"invalid_token\"");
        }
    }

    @Test
    void tokensOpenTheDoorAndStayOutside() throws Exception {
        var key = TokenIssuer.ec("k");
        try (var issuer = TokenIssuer.start(key);
                var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(believing(issuer), engine.uri());
                var client = gateway.client()) {
            // Also the very first one, which waits for the issuer's keys.
            assertThat(client.post(CHAT, bearer(key, Map.of()), BODY).response().status())
                    .isEqualTo(200);
            String asApiKey = bearer(key, Map.of()).replace("Authorization: Bearer", "X-Api-Key:");
            assertThat(client.post("/v1/messages", asApiKey, BODY).response().status())
                    .isEqualTo(200);
            assertThat(client.post(CHAT, bearer(key, Map.of("models", "m*")) + "x-warmgate-priority: 10\r\n", BODY)
                            .response()
                            .status())
                    .isEqualTo(200);
            assertThat(engine.requests()).hasSize(3).allSatisfy(request -> {
                assertThat(request.field("authorization")).isNull();
                assertThat(request.field("x-api-key")).isNull();
            });

            var missing = client.post(CHAT, "", BODY).response();
            assertThat(missing.status()).isEqualTo(401);
            assertThat(missing.field("www-authenticate")).isEqualTo("Bearer");
            assertThat(missing.text()).contains("A token is required");

            long now = Instant.now().getEpochSecond();
            refused(client, CHAT, bearer(key, Map.of("exp", now - 60)), 401, "The token has expired.");
            refused(client, CHAT, bearer(key, Map.of("aud", "x")), 401, "\"code\":\"invalid_api_key\"");
            refused(client, "/v1/messages", bearer(key, Map.of("aud", "x")), 401, "\"type\":\"authentication_error\"");
            refused(client, CHAT, bearer(TokenIssuer.ec("k"), Map.of()), 401, "signature that is not right");
            refused(client, CHAT, bearer(key, Map.of("tenant", "x")), 403, "\"code\":\"permission_denied\"");
            refused(client, "/v1/messages", bearer(key, Map.of("tenant", "x")), 403, "\"type\":\"permission_error\"");
            refused(client, CHAT, bearer(key, Map.of("models", "other")), 403, "\"code\":\"model_not_allowed\"");
            refused(client, CHAT, bearer(key, Map.of("models", List.of())), 403, "\"code\":\"model_not_allowed\"");
            String low = bearer(key, Map.of("max_priority", 5)).strip();
            var priority = client.post(CHAT, low + "\r\nx-warmgate-priority: 6\r\n", BODY)
                    .response();
            assertThat(priority.status()).isEqualTo(400);
            assertThat(priority.text()).contains("at most 5 for this caller");
            assertThat(engine.requests()).hasSize(3);
        }
    }

    @Test
    void aRequestWaitsForKeysAndNobodyElseDoes() throws Exception {
        var key = TokenIssuer.ec("k");
        try (var issuer = TokenIssuer.start()) {
            issuer.hold();
            issuer.publish(key);
            try (var engine = FakeEngine.start(call -> call.chat("ok"));
                    var gateway = Gateway.start(
                            believing(issuer)
                                    .adjust(Gateway.timeouts(
                                            Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(20))),
                            engine.uri());
                    var waiting = gateway.client();
                    var leaving = gateway.client();
                    var other = gateway.client()) {
                waiting.post(CHAT, bearer(key, Map.of()), BODY);
                leaving.post(CHAT, bearer(key, Map.of()), BODY);
                await().untilAsserted(() -> assertThat(issuer.asked()).isPositive());

                // What is not read before it is routed does not wait.
                var later = other.post("/v1/thing", bearer(key, Map.of()), BODY).response();
                assertThat(later.status()).isEqualTo(503);
                assertThat(later.field("retry-after")).isEqualTo("1");
                assertThat(other.get("/v1/models").response().status()).isEqualTo(401);
                leaving.reset();
                await().until(() -> gateway.reports().stream().anyMatch(r -> r.outcome() == Outcome.CLIENT_GONE));
                assertThat(engine.requests()).isEmpty();

                issuer.release();
                assertThat(waiting.response().status()).isEqualTo(200);
                assertThat(engine.requests()).hasSize(1);
            }
        }
    }

    @Test
    void anIssuerWithoutKeysMeansTryAgain() throws Exception {
        var key = TokenIssuer.ec("k");
        try (var issuer = TokenIssuer.start();
                var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(believing(issuer), engine.uri());
                var client = gateway.client()) {
            refused(client, CHAT, bearer(key, Map.of()), 503, "cannot be checked now");
            assertThat(gateway.report(1).admittance().refusal()).isEqualTo("token-unchecked");
        }
    }
}
