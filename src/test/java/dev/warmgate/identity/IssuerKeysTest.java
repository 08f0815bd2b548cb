package dev.warmgate.identity;

import static dev.warmgate.testing.TokenIssuer.claims;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import dev.warmgate.router.tenancy.TokenResult;
import dev.warmgate.testing.TokenIssuer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the keys of an issuer come from, and what happens when they change, are missing or cannot be had. */
class IssuerKeysTest extends Verifying {
    @Test
    void keysRotate() throws Exception {
        var old = TokenIssuer.rsa("old");
        var young = TokenIssuer.otherRsa("young");
        try (var issuer = TokenIssuer.start(old)) {
            var verifier = verifier(settings(issuer));
            String oldToken = token(old, Map.of());
            accepted(verifier, oldToken);
            issuer.publish(old, young);
            pass(KeyRing.SHORTEST_PAUSE);
            accepted(verifier, token(young, Map.of()));
            accepted(verifier, oldToken);
            assertThat(issuer.asked()).isEqualTo(2);

            // A key that is withdrawn takes its tokens with it, also those that were known.
            issuer.publish(young);
            pass(Duration.ofMinutes(5).plusSeconds(1));
            var _ = verifier.verify(oldToken);
            await().untilAsserted(() -> assertThat(verifier.verify(oldToken)).isInstanceOf(TokenResult.Invalid.class));
            accepted(verifier, token(young, Map.of()));
        }
    }

    @Test
    void keysThatNobodyUsedForLongAreAskedForFirst() throws Exception {
        var old = TokenIssuer.ec("old");
        try (var issuer = TokenIssuer.start(old)) {
            var verifier = verifier(settings(issuer));
            String token = token(old, Map.of("exp", date(100_000)));
            accepted(verifier, token);
            issuer.publish(TokenIssuer.ec("young"));
            pass(Duration.ofHours(10));
            assertThat(verifier.verify(token)).isInstanceOf(TokenResult.Pending.class);
            assertThat(refused(verifier, token)).contains("does not publish");
        }
    }

    @Test
    void oldKeysStayWhileTheIssuerDoesNotAnswer() throws Exception {
        var key = TokenIssuer.ec("e");
        try (var issuer = TokenIssuer.start(key)) {
            var verifier = verifier(settings(issuer));
            String token = token(key, Map.of("exp", date(100_000)));
            accepted(verifier, token);
            for (Runnable trouble : List.<Runnable>of(
                    () -> issuer.answer(500),
                    () -> issuer.publishText("{\"keys\":[]}"),
                    () -> issuer.publishText("<html>"),
                    () -> issuer.publishText("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"))) {
                trouble.run();
                long before = verifier.failedFetches();
                pass(Duration.ofHours(1));
                accepted(verifier, token);
                await().untilAsserted(() -> assertThat(verifier.failedFetches()).isEqualTo(before + 1));
                issuer.answer(200);
            }
            // A key that may be there or not is no reason to send its owner away for good.
            assertThat(verify(verifier, token(TokenIssuer.ec("new"), Map.of())))
                    .isInstanceOf(TokenResult.Unavailable.class);
        }
    }

    @Test
    void withoutAnyKeysTokensCannotBeCheckedAndNobodyIsBlocked() throws Exception {
        var key = TokenIssuer.ec("e");
        try (var issuer = TokenIssuer.start(key)) {
            issuer.hold();
            var verifier = verifier(settings(issuer));
            String token = token(key, Map.of());
            assertThat(verifier.verify(token)).isInstanceOf(TokenResult.Pending.class);
            issuer.answer(503);
            issuer.release();
            assertThat(verify(verifier, token)).isInstanceOf(TokenResult.Unavailable.class);
            issuer.answer(200);
            pass(KeyRing.SHORTEST_PAUSE);
            accepted(verifier, token);
        }
    }

    @Test
    void aFloodOfUnknownKeysAsksTheIssuerOnce() throws Exception {
        var key = TokenIssuer.ec("e");
        try (var issuer = TokenIssuer.start(key)) {
            var verifier = verifier(settings(issuer));
            accepted(verifier, token(key, Map.of()));
            var stranger = TokenIssuer.ec("stranger");
            pass(KeyRing.SHORTEST_PAUSE);
            for (int i = 0; i < 200; i++) {
                String flood = stranger.sign(
                        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k" + i).build(), claims(NOW, Map.of()));
                assertThat(refused(verifier, flood)).contains("does not publish");
            }
            assertThat(issuer.asked()).isEqualTo(2);
            accepted(verifier, token(key, Map.of()));
        }
    }

    @Test
    void keysComeOverTlsOfATrustedServerOnly(@TempDir Path folder) throws Exception {
        var key = TokenIssuer.ec("e");
        var tls = SelfSigned.create(folder);
        try (var issuer = TokenIssuer.startTls(tls.context(), key)) {
            var location = new KeyLocation.Web(issuer.keysUrl());
            accepted(verifier(settings(location, tls.certificate())), token(key, Map.of()));
            assertThat(verify(verifier(settings(location, null)), token(key, Map.of())))
                    .isInstanceOf(TokenResult.Unavailable.class);
            assertThat(issuer.asked()).isEqualTo(1);
        }
    }

    @Test
    void keysComeFromAFile(@TempDir Path folder) throws Exception {
        var key = TokenIssuer.ec("e");
        var file = folder.resolve("keys.json");
        var verifier = verifier(settings(new KeyLocation.File(file), null));
        assertThat(verify(verifier, token(key, Map.of()))).isInstanceOf(TokenResult.Unavailable.class);
        Files.writeString(file, "{\"keys\":[" + key.publicJson() + "]}");
        pass(KeyRing.SHORTEST_PAUSE);
        accepted(verifier, token(key, Map.of()));
    }

    @Test
    void keysThatAreNotForSignaturesAreLeftOut() throws Exception {
        var key = TokenIssuer.ec("e");
        String forEncryption = key.publicJson().replace("{", "{\"use\":\"enc\",");
        try (var issuer = TokenIssuer.start(key)) {
            issuer.publishText(
                    "{\"keys\":[" + forEncryption + "," + TokenIssuer.rsa("r").publicJson() + "]}");
            var verifier = verifier(settings(issuer));
            assertThat(refused(verifier, token(key, Map.of()))).contains("does not publish");
        }
    }

    @Test
    void locationsOfKeysAreSafe() {
        assertThat(KeyLocation.parse("https://issuer.example/keys")).isInstanceOf(KeyLocation.Web.class);
        assertThat(KeyLocation.parse("http://127.0.0.1:8000/keys")).isInstanceOf(KeyLocation.Web.class);
        assertThat(KeyLocation.parse("http://[::1]/keys")).isInstanceOf(KeyLocation.Web.class);
        assertThat(KeyLocation.parse("keys.json")).isInstanceOf(KeyLocation.File.class);
        for (String wrong : Arrays.asList(
                "",
                " ",
                "http://issuer.example/keys",
                "https://u:p@issuer.example/",
                "ftp://127.0.0.1/",
                "https:///x")) {
            assertThat(KeyLocation.parse(wrong)).isNull();
        }
    }
}
