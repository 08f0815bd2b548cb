package dev.warmgate.engine.discovery;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Role;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that a source knows.
 *
 * @param spec what the router needs
 * @param engine what serves there, as far as the source says
 * @param serverName the name that its certificate must have, if its address is an https one; null for the host in that
 */
public record FoundEndpoint(
        EndpointSpec spec, EngineKind engine, @Nullable String serverName) {
    /** Returns an endpoint whose certificate, if it has one, is for the host in its address. */
    public FoundEndpoint(EndpointSpec spec, EngineKind engine) {
        this(spec, engine, null);
    }

    /** Returns an endpoint that does everything, named by host and port. */
    static FoundEndpoint at(String host, int port, double weight, SourceSpec.OfDns source) {
        var address = address(source.scheme(), host, port);
        var spec = new EndpointSpec(address.getAuthority(), address, weight, Role.BOTH);
        return new FoundEndpoint(spec, source.engine(), source.scheme() == Scheme.HTTPS ? source.hostName() : null);
    }

    /** Returns an address; brackets are put around one of IPv6. */
    public static URI address(Scheme scheme, String host, int port) {
        return URI.create(scheme.label() + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }
}
