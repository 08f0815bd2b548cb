package dev.warmgate.app.config;

import dev.warmgate.identity.IssuerSettings;
import dev.warmgate.identity.IssuerSettings.ClaimNames;
import dev.warmgate.identity.KeyLocation;
import dev.warmgate.identity.SigningAlgorithm;
import dev.warmgate.router.tenancy.Tenant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The keys that say whose signed tokens are believed, in the order of the documentation. */
final class JwtKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    static final Setting<String> ISSUER = add(Setting.withoutDefault(
            "jwt[].issuer",
            ValueTypes.text("an issuer"),
            Setting.REQUIRED,
            "Whose tokens are believed: the claim `iss`, exactly. Each issuer once."));
    static final Setting<KeyLocation> JWKS = add(Setting.withoutDefault(
            "jwt[].jwks",
            new ValueType<>(
                    "URL or file",
                    "an https URL, an http URL of this machine, or a file",
                    false,
                    KeyLocation::parse,
                    KeyLocation::toString,
                    Map.of("type", "string", "minLength", 1)),
            Setting.REQUIRED,
            "Where the issuer's public keys (JWKS) are: an https URL, an http URL of this machine, or a file."));
    static final Setting<Path> CA = add(Setting.withoutDefault(
            "jwt[].ca",
            ValueTypes.path(),
            "those of the Java runtime",
            "PEM file of the certificates that are trusted when the keys are fetched."));
    static final Setting<String> AUDIENCE = add(Setting.withoutDefault(
            "jwt[].audiences[]",
            ValueTypes.text("an audience"),
            Setting.REQUIRED,
            "A token must be for one of these: the claim `aud`."));
    static final Setting<SigningAlgorithm> ALGORITHM = add(Setting.withoutDefault(
            "jwt[].algorithms[]",
            ValueTypes.choice(List.of(SigningAlgorithm.values()), SigningAlgorithm::label),
            "RS256, ES256, EdDSA",
            "How tokens may be signed."));
    static final Setting<Duration> CLOCK_SKEW = add(Setting.of(
            "jwt[].clockSkew",
            ValueTypes.duration(Duration.ZERO, Duration.ofMinutes(10)),
            IssuerSettings.DEFAULT_CLOCK_SKEW,
            "How far the issuer's clock may be from ours, for `exp` and `nbf`."));
    static final Setting<Duration> REFRESH = add(Setting.of(
            "jwt[].refresh",
            ValueTypes.duration(Duration.ofSeconds(10), Duration.ofHours(24)),
            IssuerSettings.DEFAULT_REFRESH,
            "How old the issuer's keys may get before they are fetched anew. A token signed with an unknown key makes that"
                    + " happen sooner, at most every 10s."));
    static final Setting<String> TENANT = add(Setting.of(
            "jwt[].tenant", ValueTypes.label(), Tenant.DEFAULT_NAME, "The tenant of tokens that name none."));
    static final Setting<String> TENANT_CLAIM = add(Setting.of(
            "jwt[].tenantClaim",
            ValueTypes.text("the name of a claim"),
            ClaimNames.DEFAULT.tenant(),
            "The claim that names the tenant; dots lead into objects."));
    static final Setting<String> MODELS_CLAIM = add(Setting.of(
            "jwt[].modelsClaim",
            ValueTypes.text("the name of a claim"),
            ClaimNames.DEFAULT.models(),
            "The claim that lists models, of those of the tenant: a list, or one text with spaces."));
    static final Setting<String> MAX_PRIORITY_CLAIM = add(Setting.of(
            "jwt[].maxPriorityClaim",
            ValueTypes.text("the name of a claim"),
            ClaimNames.DEFAULT.maxPriority(),
            "The claim that lowers the tenant's `maxPriority`."));
    static final Setting<String> OBJECTIVE_CLAIM = add(Setting.of(
            "jwt[].objectiveClaim",
            ValueTypes.text("the name of a claim"),
            ClaimNames.DEFAULT.objective(),
            "The claim that replaces the tenant's `objective`."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private JwtKeys() {}

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
