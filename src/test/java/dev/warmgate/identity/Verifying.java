package dev.warmgate.identity;

import static dev.warmgate.testing.TokenIssuer.claims;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.identity.IssuerSettings.ClaimNames;
import dev.warmgate.router.tenancy.TokenClaims;
import dev.warmgate.router.tenancy.TokenResult;
import dev.warmgate.testing.TokenIssuer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A clock that tests move, verifiers that go by it, and what they make of tokens. */
abstract class Verifying {
    static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private final AtomicLong nanos = new AtomicLong();
    private volatile Instant now = NOW;

    JwtVerifier verifier(IssuerSettings... settings) {
        return new JwtVerifier(List.of(settings), () -> now, nanos::get);
    }

    static IssuerSettings settings(KeyLocation keys, @Nullable Path ca) {
        return new IssuerSettings(
                TokenIssuer.NAME,
                keys,
                ca,
                Set.of(TokenIssuer.AUDIENCE, "other"),
                IssuerSettings.DEFAULT_ALGORITHMS,
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                "guests",
                ClaimNames.DEFAULT);
    }

    static IssuerSettings settings(TokenIssuer issuer) {
        return settings(new KeyLocation.Web(issuer.keysUrl()), null);
    }

    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        now = now.plus(time);
    }

    /** Asks until the keys are there. */
    static TokenResult verify(JwtVerifier verifier, String token) throws Exception {
        var result = verifier.verify(token);
        if (result instanceof TokenResult.Pending(var fetched)) {
            fetched.toCompletableFuture().get(20, TimeUnit.SECONDS);
            result = verifier.verify(token);
        }
        return result;
    }

    static TokenClaims accepted(JwtVerifier verifier, String token) throws Exception {
        var result = verify(verifier, token);
        assertThat(result).isInstanceOf(TokenResult.Valid.class);
        return ((TokenResult.Valid) result).claims();
    }

    static String refused(JwtVerifier verifier, String token) throws Exception {
        var result = verify(verifier, token);
        assertThat(result).isInstanceOf(TokenResult.Invalid.class);
        String why = ((TokenResult.Invalid) result).why();
        assertThat(token).doesNotContain(why);
        return why;
    }

    static String token(TokenIssuer.Key key, Map<String, ? extends @Nullable Object> claims) throws Exception {
        return key.token(claims(NOW, claims));
    }

    static Date date(long secondsFromNow) {
        return Date.from(NOW.plusSeconds(secondsFromNow));
    }
}
