package dev.warmgate.app.config;

import dev.warmgate.proxy.ProxySettings;
import java.time.Duration;

/**
 * How long the gateway waits.
 *
 * @param connect for an endpoint to accept a connection
 * @param firstByte for the first byte of an endpoint's answer
 * @param idle between two bytes of an endpoint's answer
 * @param headerRead for a client to send a request's header
 * @param requestRead for a client to send its whole request
 * @param write for a client to take what waits for it of its answer
 * @param keepAlive for a client's next request on the same connection
 * @param upstreamIdle before an unused connection to an endpoint is closed
 * @param drain for requests in flight when the gateway is told to end
 */
public record Timeouts(
        Duration connect,
        Duration firstByte,
        Duration idle,
        Duration headerRead,
        Duration requestRead,
        Duration write,
        Duration keepAlive,
        Duration upstreamIdle,
        Duration drain) {
    private static final ProxySettings PROXY = ProxySettings.defaults(Listeners.DEFAULT.http());

    /** Those of the proxy, and a minute to drain. */
    static final Timeouts DEFAULT = new Timeouts(
            PROXY.connectTimeout(),
            PROXY.firstByteTimeout(),
            PROXY.idleTimeout(),
            PROXY.front().headerReadTimeout(),
            PROXY.requestReadTimeout(),
            PROXY.front().limits().writeTimeout(),
            PROXY.front().keepAliveTimeout(),
            PROXY.upstreamIdleTimeout(),
            Duration.ofMinutes(1));
}
