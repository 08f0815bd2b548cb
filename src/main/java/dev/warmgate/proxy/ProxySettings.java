package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How the front door listens, waits and limits.
 *
 * @param listen where to listen; port 0 takes any free one
 * @param eventLoops threads that move bytes; at least 1
 * @param maxBodyBytes largest request body that is collected, {@code limits.maxBodyBytes} in configuration; beyond it 413
 * @param maxHeaderBytes largest request line, and largest sum of request header fields; beyond it 431
 * @param connectTimeout how long a connection to an endpoint may take, name look-up included
 * @param firstByteTimeout how long an engine may take to begin its answer; engines begin answers that are not streamed
 *     only when all of it is generated
 * @param idleTimeout longest silence inside an answer, the engine's or that of a client that does not take it
 * @param requestReadTimeout within each such time a client must send its request's end or another 64 KiB; beyond it 408
 * @param keepAliveTimeout how long a client connection may wait for its next request's header
 * @param upstreamIdleTimeout how long an unused connection to an engine is kept; below the engines' own limit (vLLM and
 *     llama.cpp close after 5 s)
 * @param retries how often other endpoints may be tried after the first one failed before its answer
 */
public record ProxySettings(
        InetSocketAddress listen,
        int eventLoops,
        int maxBodyBytes,
        int maxHeaderBytes,
        Duration connectTimeout,
        Duration firstByteTimeout,
        Duration idleTimeout,
        Duration requestReadTimeout,
        Duration keepAliveTimeout,
        Duration upstreamIdleTimeout,
        RetryRules retries) {

    public ProxySettings {
        requireNonNull(listen, "listen");
        requireAtLeast("eventLoops", eventLoops, 1);
        requireAtLeast("maxBodyBytes", maxBodyBytes, 1);
        requireAtLeast("maxHeaderBytes", maxHeaderBytes, 256);
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("firstByteTimeout", firstByteTimeout);
        requirePositive("idleTimeout", idleTimeout);
        requirePositive("requestReadTimeout", requestReadTimeout);
        requirePositive("keepAliveTimeout", keepAliveTimeout);
        requirePositive("upstreamIdleTimeout", upstreamIdleTimeout);
        requireNonNull(retries, "retries");
    }

    /** Returns settings that fit most fleets: bodies to 64 MiB, answers that begin within 10 minutes, 2 retries. */
    public static ProxySettings defaults(InetSocketAddress listen) {
        return new ProxySettings(
                listen,
                Runtime.getRuntime().availableProcessors(),
                64 << 20,
                32 << 10,
                Duration.ofSeconds(2),
                Duration.ofMinutes(10),
                Duration.ofMinutes(2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(75),
                Duration.ofSeconds(4),
                RetryRules.DEFAULT);
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
