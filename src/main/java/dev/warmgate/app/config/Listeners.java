package dev.warmgate.app.config;

import java.net.InetSocketAddress;

/**
 * The addresses that the gateway listens on, unresolved.
 *
 * @param http for clients
 * @param admin for metrics and health
 */
public record Listeners(InetSocketAddress http, InetSocketAddress admin) {
    /** Loopback: a gateway without keys and TLS is opened to a network by a decision, not by a default. */
    static final Listeners DEFAULT = new Listeners(
            InetSocketAddress.createUnresolved("127.0.0.1", 8080),
            InetSocketAddress.createUnresolved("127.0.0.1", 9090));
}
