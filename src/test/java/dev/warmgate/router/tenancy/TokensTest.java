package dev.warmgate.router.tenancy;

import static dev.warmgate.router.tenancy.Facts.PLAIN;
import static dev.warmgate.router.tenancy.Fixtures.CHAT_KEY;
import static dev.warmgate.router.tenancy.Fixtures.bank;
import static dev.warmgate.router.tenancy.Fixtures.patterns;
import static dev.warmgate.router.tenancy.Fixtures.refused;
import static dev.warmgate.router.tenancy.Fixtures.standing;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.tenancy.Classification.Later;
import dev.warmgate.router.tenancy.Classification.Reason;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a token's claims are worth. */
class TokensTest {
    private static final CompletableFuture<Void> FETCH = new CompletableFuture<>();

    private static final Map<String, TokenResult> SAY = Map.of(
            "chat", valid("chat", null, null, null),
            "narrow", valid("chat", List.of("qwen3-8b", "llama-*", "q*"), 5, null),
            "wide", valid("chat", List.of("*"), 1000, null),
            "none", valid("chat", List.of("llama-3"), null, null),
            "batch", valid("chat", null, null, "batch"),
            "high", valid("chat", null, 0, "fraud"),
            "ghost", valid("ghost\n", null, null, null),
            "bad", new TokenResult.Invalid("has expired"),
            "soon", new TokenResult.Pending(FETCH),
            "never", new TokenResult.Unavailable());

    private static TokenResult valid(
            String tenant, @Nullable List<String> models, @Nullable Integer priority, @Nullable String objective) {
        var allowed = models == null ? null : patterns(models.toArray(String[]::new));
        return new TokenResult.Valid(new TokenClaims(tenant, allowed, priority, objective));
    }

    private final Tenancy tenancy = new Tenancy(
            bank(UnknownObjective.DEFAULT, true),
            token -> requireNonNull(SAY.getOrDefault(token, new TokenResult.NoToken())));

    @Test
    void aTokenNamesATenant() {
        assertThat(standing(tenancy, PLAIN.withKey("chat"))).isEqualTo(standing(tenancy, PLAIN.withKey(CHAT_KEY)));
        assertThat(standing(tenancy, PLAIN.with("x-api-key", "chat")).tenant()).isEqualTo("chat");
        assertThat(refused(tenancy, PLAIN.withKey("ghost"), Reason.UNKNOWN_TENANT))
                .isEqualTo("The token names the tenant \"ghost\\u000a\", which is not known here.");
        assertThat(tenancy.hasKeys()).isTrue();
        var onlyTokens = new Tenancy(TenancySettings.DEFAULT, token -> new TokenResult.NoToken());
        assertThat(onlyTokens.hasKeys()).isTrue();
        assertThat(standing(onlyTokens, PLAIN).tenant()).isEqualTo("default");
    }

    @Test
    void aTokenNarrowsAndNeverWidens() {
        var narrow = PLAIN.withKey("narrow");
        assertThat(standing(tenancy, narrow).priority()).isEqualTo(5);
        standing(tenancy, narrow.withModel("qwen3-8b"));
        standing(tenancy, narrow.withModel("qwen3-32b"));
        for (String model : List.of("tiny", "llama-3", "q", "qwen2")) {
            refused(tenancy, narrow.withModel(model), Reason.MODEL_NOT_ALLOWED);
        }
        refused(tenancy, narrow.with("x-warmgate-priority", "6"), Reason.PRIORITY_NOT_GRANTED);

        var wide = PLAIN.withKey("wide");
        standing(tenancy, wide.withModel("tiny"));
        refused(tenancy, wide.withModel("llama-3"), Reason.MODEL_NOT_ALLOWED);
        refused(tenancy, wide.with("x-warmgate-priority", "11"), Reason.PRIORITY_NOT_GRANTED);
        refused(tenancy, PLAIN.withKey("none"), Reason.MODEL_NOT_ALLOWED);

        assertThat(standing(tenancy, PLAIN.withKey("batch")).priority()).isEqualTo(-10);
        assertThat(standing(tenancy, PLAIN.withKey("high")).priority()).isZero();
    }

    @Test
    void aBadTokenIsRefusedUnlessAnotherWordIsGood() {
        assertThat(refused(tenancy, PLAIN.withKey("bad"), Reason.INVALID_TOKEN)).isEqualTo("The token has expired.");
        assertThat(standing(tenancy, PLAIN.withKey("bad").with("x-api-key", CHAT_KEY))
                        .tenant())
                .isEqualTo("chat");
        var lax = new Tenancy(
                bank(UnknownObjective.DEFAULT, false),
                token -> requireNonNull(SAY.getOrDefault(token, new TokenResult.NoToken())));
        refused(lax, PLAIN.withKey("bad"), Reason.INVALID_TOKEN);
        assertThat(standing(lax, PLAIN.withKey("sk-nobodys")).tenant()).isEqualTo("default");
        assertThat(refused(tenancy, PLAIN.withKey("never"), Reason.TOKEN_UNCHECKED))
                .contains("Try again");
        assertThat(refused(tenancy, PLAIN, Reason.MISSING_KEY)).startsWith("An API key or a token is required");
    }

    @Test
    void aTokenWhoseKeysComeIsAskedAboutLater() {
        assertThat(tenancy.classify(PLAIN.withKey("soon"))).isInstanceOfSatisfying(Later.class, later -> {
            assertThat(later.when()).isSameAs(FETCH);
            assertThat(later.otherwise().reason()).isEqualTo(Reason.TOKEN_UNCHECKED);
        });
        assertThat(standing(tenancy, PLAIN.withKey("soon").with("x-api-key", "chat"))
                        .tenant())
                .isEqualTo("chat");
    }
}
