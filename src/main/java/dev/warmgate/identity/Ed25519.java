package dev.warmgate.identity;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import org.jspecify.annotations.Nullable;

/** Signatures on the curve Ed25519 by the Java runtime; the library's own check would need one more library. */
final class Ed25519 {
    private static final int KEY_BYTES = 32;
    private static final int SIGNATURE_BYTES = 64;

    private Ed25519() {}

    /** Returns the public key of a JWK, or null if it is none of this curve. */
    static @Nullable PublicKey key(OctetKeyPair jwk) throws GeneralSecurityException {
        byte[] x = jwk.getX().decode();
        if (!Curve.Ed25519.equals(jwk.getCurve()) || x.length != KEY_BYTES) {
            return null;
        }
        // RFC 8032, 5.1.2: y in little-endian order, the highest bit is the sign of x.
        var y = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            y[i] = x[KEY_BYTES - 1 - i];
        }
        boolean odd = (y[0] & 0x80) != 0;
        y[0] &= 0x7f;
        var point = new EdECPoint(odd, new BigInteger(1, y));
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
    }

    static boolean verify(PublicKey key, byte[] signed, byte[] signature) throws GeneralSecurityException {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        var check = Signature.getInstance("Ed25519");
        check.initVerify(key);
        check.update(signed);
        return check.verify(signature);
    }
}
