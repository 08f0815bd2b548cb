package dev.warmgate.door.tls;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards clients. All files are PEM.
 *
 * @param certificate the certificate, and those that lead from it to a root, in this order
 * @param key its private key, PKCS #8, not encrypted
 * @param clientCertificates whether clients show certificates of their own
 * @param clientCa the certificates that clients' must lead to; needed unless clients show none
 */
public record TlsSettings(
        Path certificate,
        Path key,
        ClientCertificates clientCertificates,
        @Nullable Path clientCa) {
    /** Whether clients show certificates of their own (mTLS). */
    public enum ClientCertificates {
        /** They are not asked to. */
        OFF,
        /** They may; one that is shown must be good. */
        OPTIONAL,
        /** They must. */
        REQUIRED
    }

    public TlsSettings {
        requireNonNull(certificate, "certificate");
        requireNonNull(key, "key");
        if ((clientCertificates == ClientCertificates.OFF) != (clientCa == null)) {
            throw new IllegalArgumentException(
                    "clientCa: " + clientCa + " (expected: a file unless clients show none)");
        }
    }

    /** Returns the files, which belong together: certificate, key, and the clients' roots if they are looked at. */
    public List<Path> files() {
        var files = new ArrayList<>(List.of(certificate, key));
        if (clientCa != null) {
            files.add(clientCa);
        }
        return files;
    }
}
