package dev.warmgate.proxy.front;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.tls.TlsSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the front door listens to clients, and what it grants a connection.
 *
 * @param listen where to listen; port 0 takes any free one
 * @param tls makes clients speak TLS, or null; its files are read when listening begins, and when they change
 * @param maxHeaderBytes largest request line, and largest sum of request header fields; beyond it 431
 * @param headerReadTimeout how long a client may take from its connection's beginning to the end of its first request's
 *     header, and from the first byte of a further header to its end
 * @param keepAliveTimeout how long a client connection may wait for its next request's header
 * @param maxRequestsPerConnection requests that one HTTP/2 connection may have in flight; at least 1
 * @param limits what all clients and what one may take
 * @param proxyProtocol whether connections begin with a header that tells whose they are
 */
public record FrontSettings(
        InetSocketAddress listen,
        @Nullable TlsSettings tls,
        int maxHeaderBytes,
        Duration headerReadTimeout,
        Duration keepAliveTimeout,
        int maxRequestsPerConnection,
        ClientLimits limits,
        ProxyProtocol proxyProtocol) {

    public FrontSettings {
        requireNonNull(listen, "listen");
        requireAtLeast("maxHeaderBytes", maxHeaderBytes, 256);
        requirePositive("headerReadTimeout", headerReadTimeout);
        requirePositive("keepAliveTimeout", keepAliveTimeout);
        requireAtLeast("maxRequestsPerConnection", maxRequestsPerConnection, 1);
        requireNonNull(limits, "limits");
        requireNonNull(proxyProtocol, "proxyProtocol");
    }

    /** Returns settings that fit most clients. */
    public static FrontSettings defaults(InetSocketAddress listen) {
        return new FrontSettings(
                listen,
                null,
                32 << 10,
                Duration.ofSeconds(15),
                Duration.ofSeconds(75),
                256,
                ClientLimits.DEFAULT,
                ProxyProtocol.OFF);
    }

    private static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least " + least + ")");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: more than zero)");
        }
    }
}
