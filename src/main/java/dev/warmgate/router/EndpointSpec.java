package dev.warmgate.router;

import static java.util.Objects.requireNonNull;

import java.net.URI;

/**
 * What is configured about one endpoint.
 *
 * @param name unique within the fleet; used in metrics, logs and headers
 * @param address base address, for example {@code http://10.0.0.7:8000}; the router never connects to it
 * @param weight relative share of traffic under the policy named weighted; above 0
 * @param role what the endpoint does
 */
public record EndpointSpec(String name, URI address, double weight, Role role) {
    public EndpointSpec {
        requireNonNull(name, "name");
        requireNonNull(address, "address");
        requireNonNull(role, "role");
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: a number above 0)");
        }
    }

    /** Returns an endpoint of weight 1 that does everything, named by its host and port. */
    public static EndpointSpec of(URI address) {
        return new EndpointSpec(address.getAuthority(), address, 1, Role.BOTH);
    }
}
