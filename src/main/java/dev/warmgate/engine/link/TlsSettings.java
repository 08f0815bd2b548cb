package dev.warmgate.engine.link;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is configured about TLS towards model servers.
 *
 * @param caFile certificates (PEM) of the authorities that are trusted, instead of those of the Java installation; or
 *     null
 * @param serverName the name that certificates must have and that is sent in the handshake (SNI), or null for the host of
 *     the endpoint's address
 * @param certificateFile our own certificate chain (PEM), leaf first, for servers that ask for one; or null
 * @param keyFile its private key (PEM, PKCS #8, not encrypted); null if and only if {@code certificateFile} is
 * @param verify whether certificates are checked at all
 */
public record TlsSettings(
        @Nullable Path caFile,
        @Nullable String serverName,
        @Nullable Path certificateFile,
        @Nullable Path keyFile,
        boolean verify) {
    /** What the Java installation trusts, by the name in the address, without a certificate of our own. */
    public static final TlsSettings DEFAULT = new TlsSettings(null, null, null, null, true);

    public TlsSettings {
        if ((certificateFile == null) != (keyFile == null)) {
            throw new IllegalArgumentException("certificateFile and keyFile: one of them (expected: both or none)");
        }
    }

    /** Returns the same with another name, or this if that is null. */
    public TlsSettings withServerName(@Nullable String other) {
        return other == null ? this : new TlsSettings(caFile, other, certificateFile, keyFile, verify);
    }

    /** Returns the files that these settings name. */
    public List<Path> files() {
        var files = new ArrayList<Path>();
        for (Path file : new Path[] {caFile, certificateFile, keyFile}) {
            if (file != null) {
                files.add(file);
            }
        }
        return files;
    }
}
