package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.proxy.front.FrontSettings;
import dev.warmgate.router.tenancy.TextPattern;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/**
 * How the front door listens, waits and limits.
 *
 * @param front where and how clients connect
 * @param eventLoops threads that move bytes; at least 1
 * @param maxBodyBytes largest request body that is collected, {@code limits.maxBodyBytes} in configuration; beyond it 413
 * @param connectTimeout how long a connection to an endpoint may take, name look-up included
 * @param firstByteTimeout how long an engine may take to begin its answer; engines begin answers that are not streamed
 *     only when all of it is generated
 * @param idleTimeout longest silence of an engine inside its answer
 * @param requestReadTimeout within each such time a client must send its request's end or another 64 KiB; beyond it 408
 * @param upstreamIdleTimeout how long an unused connection to an engine is kept; below the engines' own limit (vLLM and
 *     llama.cpp close after 5 s)
 * @param retries how often other endpoints may be tried after the first one failed before its answer
 * @param askUsage whether an engine is asked for usage at the end of a stream whose client did not ask; what it answers
 *     is hidden from that client
 * @param openPaths further paths that clients may reach at endpoints
 */
public record ProxySettings(
        FrontSettings front,
        int eventLoops,
        int maxBodyBytes,
        Duration connectTimeout,
        Duration firstByteTimeout,
        Duration idleTimeout,
        Duration requestReadTimeout,
        Duration upstreamIdleTimeout,
        RetryRules retries,
        boolean askUsage,
        Set<TextPattern> openPaths) {

    public ProxySettings {
        requireNonNull(front, "front");
        requireAtLeast("eventLoops", eventLoops, 1);
        requireAtLeast("maxBodyBytes", maxBodyBytes, 1);
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("firstByteTimeout", firstByteTimeout);
        requirePositive("idleTimeout", idleTimeout);
        requirePositive("requestReadTimeout", requestReadTimeout);
        requirePositive("upstreamIdleTimeout", upstreamIdleTimeout);
        requireNonNull(retries, "retries");
        openPaths = Set.copyOf(openPaths);
    }

    /** Returns settings that fit most fleets: bodies to 64 MiB, answers that begin within 10 minutes, 2 retries. */
    public static ProxySettings defaults(InetSocketAddress listen) {
        return new ProxySettings(
                FrontSettings.defaults(listen),
                Runtime.getRuntime().availableProcessors(),
                64 << 20,
                Duration.ofSeconds(2),
                Duration.ofMinutes(10),
                Duration.ofMinutes(2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(4),
                RetryRules.DEFAULT,
                true,
                Set.of());
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
