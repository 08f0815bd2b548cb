package dev.warmgate.identity;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.warmgate.identity.IssuerSettings.ClaimNames;
import dev.warmgate.router.tenancy.TokenResult;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Tokens: none is believed but one whose header and claims were signed; a good one is changed in some bytes. */
public final class JwtFuzz {
    private static final String GOOD;
    private static final JwtVerifier VERIFIER;

    static {
        try {
            var key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
            var file = Files.createTempFile("warmgate-fuzz", ".json");
            file.toFile().deleteOnExit();
            Files.writeString(file, "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}");
            var token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k").build(),
                    new JWTClaimsSet.Builder()
                            .issuer("i")
                            .audience("a")
                            .claim("models", List.of("m*"))
                            .expirationTime(Date.from(Instant.EPOCH.plusSeconds(1000)))
                            .build());
            token.sign(new ECDSASigner(key));
            GOOD = token.serialize();
            var settings = new IssuerSettings(
                    "i",
                    new KeyLocation.File(file),
                    null,
                    Set.of("a"),
                    EnumSet.allOf(SigningAlgorithm.class),
                    Duration.ZERO,
                    Duration.ofHours(1),
                    "default",
                    ClaimNames.DEFAULT);
            VERIFIER = new JwtVerifier(List.of(settings), () -> Instant.EPOCH, () -> 0);
            while (!(VERIFIER.verify(GOOD) instanceof TokenResult.Valid)) {
                Thread.onSpinWait();
            }
        } catch (Exception e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private JwtFuzz() {}

    /** Reads one input: changes to the good token, each a place and a byte, if it begins with 0; else a whole token. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var changed = new StringBuilder(GOOD);
        for (int i = 1; i + 2 < input.length; i += 3) {
            int place = ((input[i] & 0xff) << 8 | (input[i + 1] & 0xff)) % changed.length();
            changed.setCharAt(place, (char) (input[i + 2] & 0xff));
        }
        String token = input[0] == 0 ? changed.toString() : new String(input, ISO_8859_1);
        if (VERIFIER.verify(token) instanceof TokenResult.Valid) {
            assertThat(token.substring(0, token.lastIndexOf('.'))).isEqualTo(GOOD.substring(0, GOOD.lastIndexOf('.')));
        }
    }
}
