package dev.warmgate.identity;

import static dev.warmgate.testing.TokenIssuer.claims;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.warmgate.identity.IssuerSettings.ClaimNames;
import dev.warmgate.router.tenancy.TextPattern;
import dev.warmgate.router.tenancy.TokenClaims;
import dev.warmgate.router.tenancy.TokenResult;
import dev.warmgate.testing.TokenIssuer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tokens against an issuer that publishes its keys on a real server. */
class JwtVerifierTest extends Verifying {
    @Test
    void rsaEllipticAndEdwardsKeysAreBelieved() throws Exception {
        var keys = List.of(TokenIssuer.rsa("r"), TokenIssuer.ec("e"), TokenIssuer.edwards("d"));
        try (var issuer = TokenIssuer.start(keys.toArray(TokenIssuer.Key[]::new))) {
            var verifier = verifier(settings(issuer));
            for (TokenIssuer.Key key : keys) {
                assertThat(accepted(verifier, token(key, Map.of("tenant", "chat"))))
                        .isEqualTo(new TokenClaims("chat", null, null, null));
                // Without the name of the key, any key of the algorithm will do.
                accepted(verifier, key.sign(new JWSHeader.Builder(key.algorithm()).build(), claims(NOW, Map.of())));
                String signed = token(key, Map.of());
                int end = signed.length() - 10;
                char other = signed.charAt(end) == 'A' ? 'B' : 'A';
                assertThat(refused(verifier, signed.substring(0, end) + other + signed.substring(end + 1)))
                        .isEqualTo("has a signature that is not right");
            }
            assertThat(issuer.asked()).isEqualTo(1);
        }
    }

    @Test
    void claimsNameTenantModelsPriorityAndObjective() throws Exception {
        var key = TokenIssuer.ec("e");
        try (var issuer = TokenIssuer.start(key)) {
            var verifier = verifier(settings(issuer));
            var models = List.of(new TextPattern("qwen3-", true), new TextPattern("tiny", false));
            assertThat(accepted(verifier, token(key, Map.of("models", List.of("qwen3-*", "tiny"), "max_priority", -5))))
                    .isEqualTo(new TokenClaims("guests", models, -5, null));
            assertThat(accepted(verifier, token(key, Map.of("models", " qwen3-*  tiny ", "objective", "batch"))))
                    .isEqualTo(new TokenClaims("guests", models, null, "batch"));
            assertThat(accepted(verifier, token(key, Map.of("models", List.of())))
                            .models())
                    .isEmpty();
            assertThat(refused(verifier, token(key, Map.of("tenant", 7))))
                    .isEqualTo("has a claim tenant that is not a text");
            assertThat(refused(verifier, token(key, Map.of("models", List.of("a*b")))))
                    .contains("a list of models");
            assertThat(refused(verifier, token(key, Map.of("models", 1)))).contains("a list of models");
            assertThat(refused(verifier, token(key, Map.of("max_priority", 1001))))
                    .contains("-1000 to 1000");
            assertThat(refused(verifier, token(key, Map.of("max_priority", "5"))))
                    .contains("a whole number");
            assertThat(refused(verifier, token(key, Map.of("max_priority", 1.5))))
                    .contains("a whole number");
        }
    }

    @Test
    void namesOfClaimsLeadIntoObjects() throws Exception {
        var key = TokenIssuer.ec("e");
        try (var issuer = TokenIssuer.start(key)) {
            var base = settings(issuer);
            var names = new ClaimNames("https://warmgate.example/tenant", "access.warmgate.models", "p", "o");
            var verifier = verifier(new IssuerSettings(
                    base.issuer(),
                    base.keys(),
                    null,
                    base.audiences(),
                    base.algorithms(),
                    base.clockSkew(),
                    base.refresh(),
                    base.tenant(),
                    names));
            var claims = accepted(
                    verifier,
                    token(
                            key,
                            Map.of(
                                    "https://warmgate.example/tenant",
                                    "chat",
                                    "access",
                                    Map.of("warmgate", Map.of("models", List.of("tiny"))),
                                    "tenant",
                                    "fraud")));
            assertThat(claims).isEqualTo(new TokenClaims("chat", List.of(new TextPattern("tiny", false)), null, null));
        }
    }

    @Test
    void timesAudienceAndIssuerMustBeRight() throws Exception {
        var key = TokenIssuer.rsa("r");
        try (var issuer = TokenIssuer.start(key)) {
            var verifier = verifier(settings(issuer));
            // 30 seconds are allowed for clocks.
            accepted(verifier, token(key, Map.of("exp", date(-29))));
            assertThat(refused(verifier, token(key, Map.of("exp", date(-30))))).isEqualTo("has expired");
            accepted(verifier, token(key, Map.of("nbf", date(30))));
            assertThat(refused(verifier, token(key, Map.of("nbf", date(31))))).isEqualTo("is not valid yet");
            var endless = new JWTClaimsSet.Builder(claims(NOW, Map.of()))
                    .expirationTime(null)
                    .build();
            assertThat(refused(verifier, key.token(endless))).isEqualTo("has no expiry (exp)");
            assertThat(refused(verifier, token(key, Map.of("aud", "elsewhere"))))
                    .isEqualTo("is for another audience");
            var nobody = new JWTClaimsSet.Builder(claims(NOW, Map.of()))
                    .audience((String) null)
                    .build();
            assertThat(refused(verifier, key.token(nobody))).isEqualTo("is for another audience");
            accepted(verifier, token(key, Map.of("aud", List.of("elsewhere", "other"))));
            assertThat(refused(verifier, token(key, Map.of("iss", TokenIssuer.NAME + "x"))))
                    .isEqualTo("is of an issuer that is not known here");
        }
    }

    @Test
    void aTokenThatIsKnownExpiresAllTheSame() throws Exception {
        var key = TokenIssuer.ec("e");
        try (var issuer = TokenIssuer.start(key)) {
            var verifier = verifier(settings(issuer));
            String token = token(key, Map.of("exp", date(60)));
            accepted(verifier, token);
            pass(Duration.ofSeconds(89));
            accepted(verifier, token);
            pass(Duration.ofSeconds(1));
            assertThat(refused(verifier, token)).isEqualTo("has expired");
        }
    }

    @Test
    void theTokenDoesNotChooseItsAlgorithm() throws Exception {
        var key = TokenIssuer.rsa("r");
        try (var issuer = TokenIssuer.start(key)) {
            var all = settings(issuer);
            var verifier = verifier(new IssuerSettings(
                    all.issuer(),
                    all.keys(),
                    null,
                    all.audiences(),
                    EnumSet.allOf(SigningAlgorithm.class),
                    all.clockSkew(),
                    all.refresh(),
                    all.tenant(),
                    all.claims()));
            accepted(verifier, token(key, Map.of()));

            assertThat(refused(verifier, new PlainJWT(claims(NOW, Map.of())).serialize() + "AA"))
                    .isEqualTo("cannot be read");

            // The public key, which everybody has, as the secret of a symmetric signature.
            String publicJson = key.publicJson();
            var secrets = List.of(
                    publicJson.getBytes(StandardCharsets.UTF_8),
                    JWK.parse(publicJson).toRSAKey().toRSAPublicKey().getEncoded(),
                    JWK.parse(publicJson).toRSAKey().getModulus().decode());
            for (byte[] secret : secrets) {
                var forged = new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("r").build(), claims(NOW, Map.of()));
                forged.sign(new MACSigner(secret));
                assertThat(refused(verifier, forged.serialize()))
                        .isEqualTo("is signed with an algorithm that is not allowed here");
            }

            // A key that the token brings along.
            var own = TokenIssuer.otherRsa("r");
            String brought = own.sign(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID("r")
                            .jwk(JWK.parse(own.publicJson()))
                            .build(),
                    claims(NOW, Map.of()));
            assertThat(refused(verifier, brought)).isEqualTo("has a signature that is not right");

            // A key of another kind under the same name.
            assertThat(refused(verifier, token(TokenIssuer.ec("r"), Map.of())))
                    .isEqualTo("is signed with a key that its issuer does not publish");
            var strict = verifier(settings(issuer));
            accepted(strict, token(key, Map.of()));
            String other = key.sign(
                    new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("r").build(), claims(NOW, Map.of()));
            accepted(verifier, other);
            assertThat(refused(strict, other)).isEqualTo("is signed with an algorithm that is not allowed here");
            String critical = key.sign(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID("r")
                            .criticalParams(Set.of("exp"))
                            .build(),
                    claims(NOW, Map.of()));
            assertThat(refused(strict, critical)).isEqualTo("needs an extension that is not known here");
            String logout = key.sign(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID("r")
                            .type(new JOSEObjectType("logout+jwt"))
                            .build(),
                    claims(NOW, Map.of()));
            assertThat(refused(strict, logout)).isEqualTo("is of a type that is not for requests");
        }
    }

    @Test
    void whatIsNoTokenIsLeftToOthers() throws Exception {
        try (var issuer = TokenIssuer.start(TokenIssuer.ec("e"))) {
            var verifier = verifier(settings(issuer));
            for (String text : List.of("", "sk-0123456789abcdef", "ey", "ey.", "ey.a.b.c", "eyJ.b.ü", "eyJ.b.c d")) {
                assertThat(verifier.verify(text)).isInstanceOf(TokenResult.NoToken.class);
            }
            assertThat(verifier.verify("ey." + "a".repeat(JwtVerifier.LONGEST) + ".b"))
                    .isInstanceOf(TokenResult.NoToken.class);
            var deep = Base64URL.encode("{\"alg\":\"ES256\",\"x\":" + "[".repeat(4_000));
            for (String text : List.of("ey..", "eyJ.b.c", deep + ".e30.AA", deep + "." + deep + ".AA")) {
                assertThat(verifier.verify(text.startsWith("ey") ? text : "ey" + text))
                        .isInstanceOf(TokenResult.Invalid.class);
            }
        }
    }
}
