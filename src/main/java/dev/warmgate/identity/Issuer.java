package dev.warmgate.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.warmgate.identity.ClaimReader.BadClaim;
import dev.warmgate.router.tenancy.TokenResult;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks the tokens of one issuer. Any thread. */
final class Issuer {
    /** What {@code typ} may say, in lower case: a token of RFC 7519 section 5.1 or of RFC 9068 section 2.1. */
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

    private final IssuerSettings settings;
    private final Set<String> algorithms;
    private final KeyRing ring;

    Issuer(IssuerSettings settings, KeyRing ring) {
        this.settings = settings;
        this.ring = ring;
        algorithms = settings.algorithms().stream().map(SigningAlgorithm::label).collect(Collectors.toSet());
    }

    /** Returns what a token says that was found right before, with keys that still count; else null. */
    @Nullable
    TokenResult known(TokenDigest digest, Instant now) {
        var keys = ring.current().keys();
        var known = keys == null ? null : keys.known(digest);
        return known == null ? null : now.isBefore(known.until()) ? known.valid() : expired();
    }

    /** Returns what a token of this issuer says. */
    TokenResult verify(SignedJWT token, JWTClaimsSet claims, TokenDigest digest, Instant now) {
        var header = token.getHeader();
        if (!algorithms.contains(header.getAlgorithm().getName())) {
            return new TokenResult.Invalid("is signed with an algorithm that is not allowed here");
        }
        if (header.getCriticalParams() != null && !header.getCriticalParams().isEmpty()) {
            return new TokenResult.Invalid("needs an extension that is not known here");
        }
        var type = header.getType();
        if (type != null && !TYPES.contains(type.getType().toLowerCase(Locale.ROOT))) {
            return new TokenResult.Invalid("is of a type that is not for requests");
        }
        var state = ring.current();
        var keys = state.keys();
        if (keys == null) {
            var fetching = state.fetching();
            return fetching == null ? new TokenResult.Unavailable() : new TokenResult.Pending(fetching);
        }
        if (!keys.has(token)) {
            return keyMissing();
        }
        if (!keys.verify(token)) {
            return new TokenResult.Invalid("has a signature that is not right");
        }
        return verified(keys, claims, digest, now);
    }

    private TokenResult keyMissing() {
        var fetching = ring.missing();
        if (fetching != null) {
            return new TokenResult.Pending(fetching);
        }
        return ring.failing()
                ? new TokenResult.Unavailable()
                : new TokenResult.Invalid("is signed with a key that its issuer does not publish");
    }

    /** Looks at what a token says whose signature is right. */
    private TokenResult verified(KeySet keys, JWTClaimsSet claims, TokenDigest digest, Instant now) {
        var expiry = instant(claims.getExpirationTime());
        if (expiry == null) {
            return new TokenResult.Invalid("has no expiry (exp)");
        }
        var until = expiry.plus(settings.clockSkew());
        if (!now.isBefore(until)) {
            return expired();
        }
        var begin = instant(claims.getNotBeforeTime());
        if (begin != null && now.isBefore(begin.minus(settings.clockSkew()))) {
            return new TokenResult.Invalid("is not valid yet");
        }
        List<String> audience = claims.getAudience();
        if (audience.stream().noneMatch(settings.audiences()::contains)) {
            return new TokenResult.Invalid("is for another audience");
        }
        try {
            var valid = new TokenResult.Valid(ClaimReader.read(claims.getClaims(), settings));
            keys.remember(digest, new KnownToken(valid, until));
            return valid;
        } catch (BadClaim e) {
            return new TokenResult.Invalid(e.why());
        }
    }

    private static @Nullable Instant instant(@Nullable Date date) {
        return date == null ? null : date.toInstant();
    }

    private static TokenResult expired() {
        return new TokenResult.Invalid("has expired");
    }

    /** Returns the claims of a token, or null if they cannot be read. */
    static @Nullable JWTClaimsSet claims(SignedJWT token) {
        try {
            return token.getJWTClaimsSet();
        } catch (ParseException | RuntimeException _) {
            return null;
        }
    }
}
