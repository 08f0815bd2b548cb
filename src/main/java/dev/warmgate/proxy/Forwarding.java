package dev.warmgate.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/**
 * What engines are told about where a request came from: {@code X-Forwarded-For}, {@code -Proto} and {@code -Host},
 * {@code Via} (RFC 9110 section 7.6.3), and {@code Forwarded} (RFC 7239) if a trusted proxy before us uses it.
 *
 * <p>The word of a trusted proxy is continued; anybody else's is replaced, because it could be forged.
 */
final class Forwarding {
    /** The name by which this gateway goes in {@code Via}. */
    static final String PSEUDONYM = "warmgate";

    private static final AsciiString FORWARDED = AsciiString.cached("forwarded");
    private static final AsciiString FOR = AsciiString.cached("x-forwarded-for");
    private static final AsciiString PROTO = AsciiString.cached("x-forwarded-proto");
    private static final AsciiString HOST = AsciiString.cached("x-forwarded-host");

    /** Fields that name a client or what it asked for, and that only a proxy may set. */
    private static final String[] CLAIMS = {"forwarded", "x-forwarded-", "x-real-ip", "x-client-ip", "true-client-ip"};

    private Forwarding() {}

    /** Returns whether a field is such a word of a proxy. */
    static boolean claims(CharSequence name) {
        char first = (char) (name.charAt(0) | 0x20);
        if (first != 'x' && first != 'f' && first != 't') {
            return false;
        }
        for (String prefix : CLAIMS) {
            if (AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return false;
    }

    /** Tells where the request came from; the claims of a peer that is not trusted are gone already. */
    static void tell(HttpHeaders headers, Peer peer, boolean http10) {
        append(headers, FOR, peer.address());
        String host = headers.get(HttpHeaderNames.HOST);
        if (!headers.contains(PROTO)) {
            headers.set(PROTO, peer.scheme());
        }
        if (host != null && !headers.contains(HOST)) {
            headers.set(HOST, host);
        }
        if (headers.contains(FORWARDED)) {
            boolean v6 = peer.address().indexOf(':') >= 0;
            append(
                    headers,
                    FORWARDED,
                    "for=" + (v6 ? "\"[" + peer.address() + "]\"" : peer.address()) + ";proto=" + peer.scheme());
        }
        append(headers, HttpHeaderNames.VIA, (http10 ? "1.0 " : "1.1 ") + PSEUDONYM);
    }

    private static void append(HttpHeaders headers, AsciiString name, String value) {
        if (headers.contains(name)) {
            headers.set(name, String.join(", ", headers.getAll(name)) + ", " + value);
        } else {
            headers.set(name, value);
        }
    }
}
