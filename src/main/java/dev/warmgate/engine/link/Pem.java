package dev.warmgate.engine.link;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Reads certificates and keys in the textual form of RFC 7468. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s+([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final List<String> KEY_KINDS = List.of("RSA", "EC", "EdDSA");

    private Pem() {}

    /** Returns all certificates in a text, in order; at least one. */
    static List<X509Certificate> certificates(String pem) throws CertificateException {
        var factory = CertificateFactory.getInstance("X.509");
        var found = new ArrayList<X509Certificate>();
        var blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            if (blocks.group(1).equals("CERTIFICATE")) {
                found.add((X509Certificate)
                        factory.generateCertificate(new ByteArrayInputStream(bytes(blocks.group(2)))));
            }
        }
        if (found.isEmpty()) {
            throw new CertificateException("no certificate (expected: PEM, -----BEGIN CERTIFICATE-----)");
        }
        return found;
    }

    /** Returns the private key in a text. */
    static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        var blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            String kind = blocks.group(1);
            if (kind.equals("PRIVATE KEY")) {
                return privateKey(bytes(blocks.group(2)));
            }
            if (kind.endsWith("PRIVATE KEY")) {
                throw new InvalidKeySpecException("a key of the kind " + kind
                        + " (expected: PRIVATE KEY; convert it with: openssl pkcs8 -topk8 -nodes -in OLD -out NEW)");
            }
        }
        throw new InvalidKeySpecException("no private key (expected: PEM, -----BEGIN PRIVATE KEY-----)");
    }

    private static PrivateKey privateKey(byte[] pkcs8) throws GeneralSecurityException {
        for (String kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException _) {
                // the next kind
            }
        }
        throw new InvalidKeySpecException("not a key that is known here (expected: RSA, EC or EdDSA)");
    }

    private static byte[] bytes(String base64) {
        return Base64.getMimeDecoder().decode(base64.getBytes(StandardCharsets.US_ASCII));
    }
}
