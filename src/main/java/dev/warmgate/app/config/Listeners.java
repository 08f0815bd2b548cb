package dev.warmgate.app.config;

import dev.warmgate.door.tls.TlsSettings;
import dev.warmgate.proxy.Subnet;
import dev.warmgate.proxy.front.ProxyProtocol;
import dev.warmgate.router.tenancy.ApiKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that the gateway listens on, unresolved.
 *
 * @param http for clients
 * @param tls what clients must speak, or null for plain HTTP
 * @param admin for metrics and health
 * @param adminToken what callers of {@code admin} must present, or null if it is on loopback and nothing is needed
 * @param trustedProxies clients of {@code http} whose word about their own clients is passed on
 * @param trusted whether all clients of {@code http} are gateways of one's own
 * @param proxyProtocol whether connections to {@code http} begin with a header that tells whose they are
 */
public record Listeners(
        InetSocketAddress http,
        @Nullable TlsSettings tls,
        InetSocketAddress admin,
        @Nullable ApiKey adminToken,
        List<Subnet> trustedProxies,
        boolean trusted,
        ProxyProtocol proxyProtocol) {
    /** Loopback: a gateway without keys and TLS is opened to a network by a decision, not by a default. */
    static final Listeners DEFAULT = new Listeners(
            InetSocketAddress.createUnresolved("127.0.0.1", 8080),
            null,
            InetSocketAddress.createUnresolved("127.0.0.1", 9090),
            null,
            List.of(),
            false,
            ProxyProtocol.OFF);

    public Listeners {
        trustedProxies = List.copyOf(trustedProxies);
    }
}
