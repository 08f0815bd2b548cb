package dev.warmgate.proxy.front;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What all clients together, and what one client, may take of the gateway. A client is an address; of an IPv6 address the
 * first 64 bits count, because one host may use all that share them.
 *
 * @param headerFields header fields of one request; beyond it 431; at least 1
 * @param connections connections in all; further ones are closed at once; at least 1
 * @param connectionsPerClient connections of one client; at least 1
 * @param requests requests in flight in all; further ones are answered 503; at least 1
 * @param requestsPerClient requests in flight of one client; further ones are answered 429; at least 1
 * @param writeTimeout how long a client may take to take what waits for it of its answer
 * @param exempt the addresses that may have any number of connections, because they carry those of others
 */
public record ClientLimits(
        int headerFields,
        int connections,
        int connectionsPerClient,
        int requests,
        int requestsPerClient,
        Duration writeTimeout,
        Predicate<InetAddress> exempt) {
    /** No limit. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /**
     * Bounds on memory that no fleet of model servers reaches in good order. None for one client: many people may share
     * an address.
     */
    public static final ClientLimits DEFAULT =
            new ClientLimits(128, 50_000, UNLIMITED, 50_000, UNLIMITED, Duration.ofMinutes(2), _ -> false);

    public ClientLimits {
        requireAtLeastOne("headerFields", headerFields);
        requireAtLeastOne("connections", connections);
        requireAtLeastOne("connectionsPerClient", connectionsPerClient);
        requireAtLeastOne("requests", requests);
        requireAtLeastOne("requestsPerClient", requestsPerClient);
        if (writeTimeout.isNegative() || writeTimeout.isZero()) {
            throw new IllegalArgumentException("writeTimeout: " + writeTimeout + " (expected: more than zero)");
        }
        requireNonNull(exempt, "exempt");
    }

    /** Returns the same with another time and other exempt addresses. */
    public ClientLimits with(Duration timeout, Predicate<InetAddress> others) {
        return new ClientLimits(
                headerFields, connections, connectionsPerClient, requests, requestsPerClient, timeout, others);
    }

    private static void requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
        }
    }
}
