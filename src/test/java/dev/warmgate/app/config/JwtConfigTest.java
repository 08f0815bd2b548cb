package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warmgate.identity.IssuerSettings;
import dev.warmgate.identity.IssuerSettings.ClaimNames;
import dev.warmgate.identity.KeyLocation;
import dev.warmgate.identity.SigningAlgorithm;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.TenancySettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose tokens are believed, and keys in files. */
class JwtConfigTest {
    private static final String POOL = "pools: [{endpoints: [http://127.0.0.1:8001]}]\n";

    private static GatewayConfig parse(String yaml) throws ConfigException {
        return new ConfigLoader(Map.of()).parse("gateway.yaml", POOL + yaml, Overrides.NONE);
    }

    private static List<String> problems(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> parse(yaml)).problems();
    }

    @Test
    void issuerKeysAndAudienceAreEnough() throws Exception {
        var config = parse("""
                jwt:
                  - {issuer: "https://a.example", jwks: "https://a.example/keys", audiences: [warmgate]}
                  - issuer: b
                    jwks: /etc/keys.json
                    ca: /etc/ca.pem
                    audiences: [x, y]
                    algorithms: [PS512, EdDSA]
                    clockSkew: 0s
                    refresh: 1h
                    tenant: chat
                    tenantClaim: org.name
                    modelsClaim: m
                    maxPriorityClaim: p
                    objectiveClaim: o
                tenants: [{name: chat}]
                """);
        assertThat(config.tenancy().requireKey()).isTrue();
        assertThat(config.jwt())
                .containsExactly(
                        new IssuerSettings(
                                "https://a.example",
                                new KeyLocation.Web(URI.create("https://a.example/keys")),
                                null,
                                Set.of("warmgate"),
                                Set.of(SigningAlgorithm.RS256, SigningAlgorithm.ES256, SigningAlgorithm.EDDSA),
                                Duration.ofSeconds(30),
                                Duration.ofMinutes(5),
                                "default",
                                ClaimNames.DEFAULT),
                        new IssuerSettings(
                                "b",
                                new KeyLocation.File(Path.of("/etc/keys.json")),
                                Path.of("/etc/ca.pem"),
                                Set.of("x", "y"),
                                Set.of(SigningAlgorithm.PS512, SigningAlgorithm.EDDSA),
                                Duration.ZERO,
                                Duration.ofHours(1),
                                "chat",
                                new ClaimNames("org.name", "m", "p", "o")));
        assertThat(parse("jwt: []").tenancy()).isEqualTo(TenancySettings.DEFAULT);
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThat(problems("""
                jwt:
                  - {issuer: a, jwks: "http://a.example/keys", audiences: [x]}
                  - {issuer: b, jwks: keys.json}
                  - {issuer: c, jwks: keys.json, audiences: [x], algorithms: [HS256]}
                  - {issuer: d, jwks: keys.json, audiences: [x], tenant: ghost}
                  - {issuer: d, jwks: keys.json, audiences: [x], refresh: 1s}
                """))
                .containsExactly(
                        "gateway.yaml:3: jwt[0].jwks: \"http://a.example/keys\" (expected: an https URL, an http URL of"
                                + " this machine, or a file)",
                        "gateway.yaml:4: jwt[1].audiences: none (expected: at least one, so that tokens meant for others"
                                + " open nothing here)",
                        "gateway.yaml:5: jwt[2].algorithms[0]: \"HS256\" (expected: one of RS256, RS384, RS512, PS256,"
                                + " PS384, PS512, ES256, ES384, ES512, EdDSA)",
                        "gateway.yaml:6: jwt[3].tenant: \"ghost\" (expected: the name of a tenant)",
                        "gateway.yaml:7: jwt[4].refresh: \"1s\" (expected: a duration from 10s to 24h such as 500ms, 10s or"
                                + " 2m)",
                        "gateway.yaml:7: jwt[4].issuer: \"d\" is also jwt[3].issuer (expected: each issuer once)");
    }

    @Test
    void keysComeFromAFileToo(@TempDir Path folder) throws Exception {
        var file = folder.resolve("keys");
        String digest = "sha256:" + "ab".repeat(32);
        Files.writeString(file, "# of the chat team\n\nsk-0123456789abcdef\r\n" + digest + "\n");
        var tenant = parse("tenants: [{name: chat, keysFile: " + file + "}]")
                .tenancy()
                .tenants()
                .getFirst();
        assertThat(tenant.keys()).containsExactlyInAnyOrder(ApiKey.parse("sk-0123456789abcdef"), ApiKey.parse(digest));

        Files.writeString(file, "sk-0123456789abcdef\ntop-secret\nsk-0123456789abcdef\n");
        assertThat(problems("tenants: [{name: chat, keysFile: " + file + "}]"))
                .containsExactly(
                        "gateway.yaml:2: tenants[0].keysFile: " + file
                                + ", line 2: value hidden (expected: sha256: and 64"
                                + " hexadecimal digits, or a key of 16 to 4096 visible ASCII characters)",
                        "gateway.yaml:2: tenants[0].keysFile: is also tenants[0].keysFile (expected: each key once)");
        assertThat(problems("tenants: [{name: chat, keysFile: " + folder.resolve("none") + "}]"))
                .containsExactly("gateway.yaml:2: tenants[0].keysFile: " + folder.resolve("none")
                        + " cannot be read: no such file");
    }
}
