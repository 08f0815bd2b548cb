package dev.warmgate.door.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * A key and the certificate that it signed for itself: P-256, for {@code localhost}. The JDK makes certificates only by its
 * keytool, so that the few fields of one are written here, in DER (RFC 5280, section 4.1; X.690).
 */
record SelfSigned(PrivateKey key, X509Certificate certificate) {
    /** From yesterday, for clocks that are behind, to when the process is long gone. */
    private static final Duration BEFORE = Duration.ofDays(1);

    private static final Duration VALID = Duration.ofDays(10 * 365);

    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int INTEGER = 2;
    private static final int BIT_STRING = 3;
    private static final int OCTET_STRING = 4;
    private static final int UTF8 = 0x0c;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int UTC_TIME = 0x17;
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;
    private static final int DNS_NAME = 0x82;

    private static final byte[] ECDSA_WITH_SHA256 = {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};
    private static final byte[] COMMON_NAME = {6, 3, 0x55, 4, 3};
    private static final byte[] ALTERNATIVE_NAME = {6, 3, 0x55, 0x1d, 0x11};

    /** UTCTime ends with 2049 (RFC 5280, section 4.1.2.5). */
    private static final int FIRST_GENERALIZED_YEAR = 2050;

    static SelfSigned make() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            var pair = generator.generateKeyPair();
            byte[] body = body(pair, Instant.now());
            var signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(pair.getPrivate());
            signer.update(body);
            byte[] all = value(SEQUENCE, body, value(SEQUENCE, ECDSA_WITH_SHA256), bits(signer.sign()));
            var certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(all));
            return new SelfSigned(pair.getPrivate(), certificate);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot make a certificate", e);
        }
    }

    private static byte[] body(KeyPair pair, Instant now) {
        var name =
                value(SEQUENCE, value(SET, value(SEQUENCE, COMMON_NAME, value(UTF8, "warmgate".getBytes(US_ASCII)))));
        var serial = new BigInteger(127, new SecureRandom()).setBit(126);
        var names = value(SEQUENCE, value(DNS_NAME, "localhost".getBytes(US_ASCII)));
        return value(
                SEQUENCE,
                value(VERSION, value(INTEGER, new byte[] {2})),
                value(INTEGER, serial.toByteArray()),
                value(SEQUENCE, ECDSA_WITH_SHA256),
                name,
                value(SEQUENCE, time(now.minus(BEFORE)), time(now.plus(VALID))),
                name,
                pair.getPublic().getEncoded(),
                value(EXTENSIONS, value(SEQUENCE, value(SEQUENCE, ALTERNATIVE_NAME, value(OCTET_STRING, names)))));
    }

    private static byte[] time(Instant when) {
        var utc = when.atOffset(ZoneOffset.UTC);
        boolean generalized = utc.getYear() >= FIRST_GENERALIZED_YEAR;
        var format = DateTimeFormatter.ofPattern(generalized ? "uuuuMMddHHmmss'Z'" : "yyMMddHHmmss'Z'");
        return value(
                generalized ? GENERALIZED_TIME : UTC_TIME, format.format(utc).getBytes(US_ASCII));
    }

    private static byte[] bits(byte[] bytes) {
        return value(BIT_STRING, new byte[] {0}, bytes);
    }

    private static byte[] value(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var all = new ByteArrayOutputStream(length + 4);
        all.write(tag);
        if (length >= 0x100) {
            all.write(0x82);
            all.write(length >> 8);
        } else if (length >= 0x80) {
            all.write(0x81);
        }
        all.write(length);
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
