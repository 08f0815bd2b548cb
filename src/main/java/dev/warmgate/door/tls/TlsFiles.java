package dev.warmgate.door.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warmgate.door.tls.TlsSettings.ClientCertificates;
import dev.warmgate.files.FileContent;
import dev.warmgate.files.FileWatcher;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Reads the files of TLS and makes what connections need of them. No state. */
public final class TlsFiles {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final byte[] PROBE = "certificate and key belong together".getBytes(US_ASCII);

    private TlsFiles() {}

    /** Files that cannot be used; the message names the file and says why and what is expected. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(Path file, String why) {
            super(file + " " + why);
        }
    }

    /** Returns why the files cannot be used, beginning with the name of the one at fault, or null if they can. */
    public static @Nullable String problem(TlsSettings settings) {
        try {
            var _ = context(settings, Protocol.HTTP, FileWatcher.read(settings.files()));
            return null;
        } catch (Unusable e) {
            return e.getMessage();
        }
    }

    /** Returns what makes TLS connections with what is in files. */
    static SslContext context(TlsSettings settings, Protocol protocol, List<FileContent> contents) throws Unusable {
        var certificates = certificates(settings.certificate(), contents.get(0));
        var key = key(settings.key(), contents.get(1), certificates[0], settings.certificate());
        var builder = builder(key, protocol, certificates)
                .clientAuth(
                        switch (settings.clientCertificates()) {
                            case OFF -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRED -> ClientAuth.REQUIRE;
                        });
        var clientCa = settings.clientCa();
        if (clientCa != null && settings.clientCertificates() != ClientCertificates.OFF) {
            builder.trustManager(certificates(clientCa, contents.get(2)));
        }
        try {
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new Unusable(settings.certificate(), "cannot be used: " + reason(e));
        }
    }

    /** Returns what makes TLS connections with a certificate that was made here. */
    static SslContext context(SelfSigned made, Protocol protocol) {
        try {
            return builder(made.key(), protocol, made.certificate()).build();
        } catch (SSLException e) {
            throw new IllegalStateException("This Java cannot use the certificate that it made", e);
        }
    }

    /**
     * Versions 1.2 and 1.3, and suites with forward secrecy (RFC 9113 section 9.2.2 forbids others to HTTP/2).
     */
    private static SslContextBuilder builder(PrivateKey key, Protocol protocol, X509Certificate... certificates) {
        return SslContextBuilder.forServer(key, certificates)
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocol.names()));
    }

    private static X509Certificate[] certificates(Path file, FileContent content) throws Unusable {
        try {
            var found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(text(file, content).getBytes(US_ASCII)));
            if (found.isEmpty()) {
                throw new Unusable(file, "holds no certificate (expected: PEM, -----BEGIN CERTIFICATE-----)");
            }
            return found.toArray(X509Certificate[]::new);
        } catch (CertificateException e) {
            throw new Unusable(file, "holds no good certificates (expected: PEM): " + reason(e));
        }
    }

    private static PrivateKey key(Path file, FileContent content, X509Certificate certificate, Path ofCertificate)
            throws Unusable {
        var match = KEY.matcher(text(file, content));
        if (!match.find()) {
            throw new Unusable(
                    file,
                    "holds no key that can be read (expected: PEM, -----BEGIN PRIVATE KEY-----; others become that by"
                            + " openssl pkcs8 -topk8 -nocrypt)");
        }
        var publicKey = certificate.getPublicKey();
        try {
            byte[] der = Base64.getMimeDecoder().decode(match.group(1));
            var key = KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(der));
            if (belongTogether(key, publicKey)) {
                return key;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Unusable(file, "is not the key of " + ofCertificate + ": " + reason(e));
        }
        throw new Unusable(file, "is not the key of " + ofCertificate + " (expected: the private key made with it)");
    }

    private static boolean belongTogether(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = switch (certified.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> certified.getAlgorithm();
        };
        var signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(PROBE);
        byte[] signature = signer.sign();
        var verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certified);
        verifier.update(PROBE);
        return verifier.verify(signature);
    }

    private static String text(Path file, FileContent content) throws Unusable {
        return switch (content) {
            case FileContent.Text(var text) -> text;
            case FileContent.Unreadable(var reason) -> throw new Unusable(file, "cannot be read: " + reason);
        };
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
