package dev.warmgate.identity;

import com.nimbusds.jwt.SignedJWT;
import dev.warmgate.router.tenancy.TokenResult;
import dev.warmgate.router.tenancy.TokenVerifier;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks JSON Web Tokens of some issuers.
 *
 * <p>A token that was found right is known again by its digest, for as long as it is valid and its keys are, so that only
 * its first request pays for its signature: some tens to hundreds of microseconds by algorithm. There is nothing to close:
 * a verifier that is replaced is forgotten with all it holds.
 *
 * <p>Any thread.
 */
public final class JwtVerifier implements TokenVerifier {
    /** Longer ones are not looked at. */
    static final int LONGEST = 16 << 10;

    private static final TokenResult NO_TOKEN = new TokenResult.NoToken();
    private static final TokenResult UNREADABLE = new TokenResult.Invalid("cannot be read");

    private final Map<String, Issuer> issuers = new HashMap<>();
    private final InstantSource clock;
    private final LongAdder failures = new LongAdder();

    /**
     * Creates a verifier and begins to fetch the issuers' keys.
     *
     * @param issuers at least one, each once
     * @param clock what time it is
     * @param nanoTime how time passes
     */
    public JwtVerifier(List<IssuerSettings> issuers, InstantSource clock, LongSupplier nanoTime) {
        this.clock = clock;
        for (var settings : issuers) {
            var source = KeySource.at(settings.keys(), settings.ca());
            var ring = new KeyRing(settings.keys(), source, settings.refresh(), nanoTime, failures);
            if (this.issuers.put(settings.issuer(), new Issuer(settings, ring)) != null) {
                throw new IllegalArgumentException("issuer: " + settings.issuer() + " twice (expected: once)");
            }
        }
    }

    /** Returns how often an issuer's keys could not be fetched. */
    public long failedFetches() {
        return failures.sum();
    }

    @Override
    public TokenResult verify(String token) {
        if (!looksSigned(token)) {
            return NO_TOKEN;
        }
        var digest = TokenDigest.of(token);
        var now = clock.instant();
        for (var issuer : issuers.values()) {
            var known = issuer.known(digest, now);
            if (known != null) {
                return known;
            }
        }
        var parsed = parse(token);
        var claims = parsed == null ? null : Issuer.claims(parsed);
        if (parsed == null || claims == null) {
            return UNREADABLE;
        }
        var issuer = claims.getIssuer() == null ? null : issuers.get(claims.getIssuer());
        return issuer == null
                ? new TokenResult.Invalid("is of an issuer that is not known here")
                : issuer.verify(parsed, claims, digest, now);
    }

    private static @Nullable SignedJWT parse(String token) {
        try {
            return SignedJWT.parse(token);
        } catch (ParseException | RuntimeException | StackOverflowError _) {
            return null;
        }
    }

    /** Whether a text has the form of a signed token (RFC 7515 section 7.1): three parts, the first a JSON object. */
    private static boolean looksSigned(String text) {
        if (!text.startsWith("ey") || text.length() > LONGEST) {
            return false;
        }
        int dots = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                dots++;
            } else if (!isBase64Url(c)) {
                return false;
            }
        }
        return dots == 2;
    }

    /** RFC 4648 section 5. */
    private static boolean isBase64Url(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
}
