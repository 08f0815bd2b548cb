package dev.warmgate.engine.link;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;

/** Why a TLS handshake with a model server failed, as the metric names it. */
public enum TlsFault {
    /** The server's certificate is signed by nobody who is trusted. */
    UNTRUSTED("its certificate is signed by nobody who is trusted here; see tls.caFile"),
    /** The certificate is for other names. */
    WRONG_NAME("its certificate is for other names; see tls.serverName"),
    /** The certificate is out of date, or not valid yet. */
    EXPIRED("its certificate is not valid now"),
    /** The server broke off, most often because it wants another client certificate. */
    REFUSED("it refused us; see tls.certificateFile"),
    /** What answers there does not speak TLS. */
    NOT_TLS("it does not speak TLS; is its address an http one?"),
    /** The server does not offer HTTP/2. */
    NO_HTTP2("it does not speak HTTP/2; set protocol: http1"),
    /** Anything else. */
    OTHER("the handshake failed");

    private static final int DEEPEST_CAUSE = 10;

    private final String meaning;

    TlsFault(String meaning) {
        this.meaning = meaning;
    }

    /** Returns the name in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the second half of a sentence about the server, and what to do. */
    String meaning() {
        return meaning;
    }

    /** Returns what stands behind the exception of a failed handshake. */
    public static TlsFault of(Throwable failure) {
        var cause = failure;
        for (int i = 0; i < DEEPEST_CAUSE && cause != null; i++) {
            var fault = one(cause);
            if (fault != OTHER) {
                return fault;
            }
            cause = cause.getCause();
        }
        return OTHER;
    }

    // The JDK has no types for some of these: its own words are all there is.
    private static TlsFault one(Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        if (text.contains("not an SSL/TLS record") || text.contains("Unsupported or unrecognized SSL message")) {
            return NOT_TLS;
        }
        if (text.contains("no_application_protocol")) {
            return NO_HTTP2;
        }
        if (text.contains("Received fatal alert") || text.startsWith("(certificate_required)")) {
            return REFUSED;
        }
        return switch (cause) {
            case CertificateExpiredException _, CertificateNotYetValidException _ -> EXPIRED;
            case CertPathValidatorException path when path.getReason() == BasicReason.EXPIRED -> EXPIRED;
            case CertPathValidatorException path when path.getReason() == BasicReason.NOT_YET_VALID -> EXPIRED;
            case CertificateException _ when text.startsWith("No subject alternative") -> WRONG_NAME;
            case CertificateException _ when text.startsWith("No name matching") -> WRONG_NAME;
            default ->
                text.contains("unable to find valid certification path") || text.contains("Path does not chain")
                        ? UNTRUSTED
                        : OTHER;
        };
    }
}
