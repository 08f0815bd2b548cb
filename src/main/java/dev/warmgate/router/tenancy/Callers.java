package dev.warmgate.router.tenancy;

import dev.warmgate.router.tenancy.Classification.Later;
import dev.warmgate.router.tenancy.Classification.Reason;
import dev.warmgate.router.tenancy.Classification.Refused;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whose a request is, by the API key or the token that it presents. Immutable; any thread. */
final class Callers {
    private static final String BEARER = "bearer ";

    private final Map<String, Tenant> byName = new HashMap<>();
    private final Map<ApiKey, Tenant> byKey;
    private final Tenant defaultTenant;
    private final @Nullable TokenVerifier tokens;
    private final boolean required;

    Callers(TenancySettings settings, @Nullable TokenVerifier tokens) {
        var keys = new HashMap<ApiKey, Tenant>();
        defaultTenant = settings.defaultTenant();
        byName.put(defaultTenant.name(), defaultTenant);
        for (var tenant : settings.tenants()) {
            byName.put(tenant.name(), tenant);
            tenant.keys().forEach(key -> keys.put(key, tenant));
        }
        byKey = Map.copyOf(keys);
        this.tokens = tokens;
        required = settings.requireKey();
        if (required && !identified()) {
            throw new IllegalArgumentException("requireKey: true (expected: a tenant with keys, or tokens)");
        }
    }

    /** Returns whether some callers show a key or a token of ours. */
    boolean identified() {
        return !byKey.isEmpty() || tokens != null;
    }

    /** Returns the tenant of a request, narrowed to what its token allows. */
    Tenant of(RequestFacts facts) throws Refusal {
        if (!identified()) {
            return defaultTenant;
        }
        String bearer = bearer(facts.header(ControlHeaders.AUTHORIZATION));
        String apiKey = trimmed(facts.header(ControlHeaders.API_KEY));
        Refusal wrong = null;
        for (String presented : new @Nullable String[] {bearer, apiKey}) {
            if (presented != null) {
                try {
                    var tenant = presents(presented);
                    if (tenant != null) {
                        return tenant;
                    }
                } catch (Refusal e) {
                    wrong = wrong == null ? e : wrong;
                }
            }
        }
        if (wrong != null) {
            throw wrong;
        }
        if (!required) {
            return defaultTenant;
        }
        throw bearer == null && apiKey == null ? missing() : unknown();
    }

    /** Returns the tenant of a key or token, or null if it is neither, as far as is known here. */
    private @Nullable Tenant presents(String presented) throws Refusal {
        var said = tokens == null ? new TokenResult.NoToken() : tokens.verify(presented);
        return switch (said) {
            case TokenResult.Valid(var claims) -> byClaims(claims);
            case TokenResult.NoToken() -> byKey(presented);
            case TokenResult.Invalid(var why) -> {
                var tenant = byKey(presented); // a key may look like a token
                if (tenant == null) {
                    throw new Refusal(Reason.INVALID_TOKEN, "The token " + why + ".");
                }
                yield tenant;
            }
            case TokenResult.Pending(var fetched) -> throw new Refusal(new Later(fetched, unavailable()));
            case TokenResult.Unavailable() -> throw new Refusal(unavailable());
        };
    }

    private Tenant byClaims(TokenClaims claims) throws Refusal {
        var tenant = byName.get(claims.tenant());
        if (tenant == null) {
            throw new Refusal(
                    Reason.UNKNOWN_TENANT,
                    "The token names the tenant " + HeaderValues.quote(claims.tenant()) + ", which is not known here.");
        }
        var narrowed = claims.narrow(tenant);
        if (narrowed == null) {
            throw new Refusal(Reason.MODEL_NOT_ALLOWED, "The token allows no model that its tenant may use.");
        }
        return narrowed;
    }

    private @Nullable Tenant byKey(String presented) {
        var key = byKey.isEmpty() ? null : ApiKey.presented(presented);
        return key == null ? null : byKey.get(key);
    }

    /** Returns what is behind {@code Bearer}, in whatever case it is written, or null. */
    private static @Nullable String bearer(@Nullable String authorization) {
        return authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? null
                : trimmed(authorization.substring(BEARER.length()));
    }

    private static @Nullable String trimmed(@Nullable String value) {
        String trimmed = value == null ? "" : HeaderValues.trim(value);
        return trimmed.isEmpty() ? null : trimmed;
    }

    private Refusal missing() {
        String what = tokens == null ? "An API key" : byKey.isEmpty() ? "A token" : "An API key or a token";
        return new Refusal(
                Reason.MISSING_KEY,
                what + " is required: send it as \"Authorization: Bearer KEY\" or \"x-api-key: KEY\".");
    }

    private static Refusal unknown() {
        return new Refusal(
                Reason.UNKNOWN_KEY, "The API key is not known here: check that it is whole and still valid.");
    }

    private static Refused unavailable() {
        return new Refused(
                Reason.TOKEN_UNCHECKED, "The token cannot be checked now: its issuer's keys are not here. Try again.");
    }
}
