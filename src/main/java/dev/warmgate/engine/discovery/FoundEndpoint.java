package dev.warmgate.engine.discovery;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Role;
import java.net.URI;

/**
 * An endpoint that a source knows.
 *
 * @param spec what the router needs
 * @param engine what serves there, as far as the source says
 */
public record FoundEndpoint(EndpointSpec spec, EngineKind engine) {
    /** Returns an endpoint of weight 1 that does everything, named by host and port. */
    static FoundEndpoint at(String host, int port, double weight, EngineKind engine) {
        var address = URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
        return new FoundEndpoint(new EndpointSpec(address.getAuthority(), address, weight, Role.BOTH), engine);
    }
}
