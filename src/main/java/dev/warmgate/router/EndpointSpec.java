package dev.warmgate.router;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.Map;

/**
 * What is configured about one endpoint.
 *
 * @param name unique within the fleet; used in metrics, logs and headers
 * @param address base address, for example {@code http://10.0.0.7:8000}; the router never connects to it
 * @param weight relative share of traffic under the policy named weighted; above 0
 * @param role what the endpoint does
 * @param labels what else is said about it, by keys and values of any kind, for policies that look at them
 */
public record EndpointSpec(String name, URI address, double weight, Role role, Map<String, String> labels) {
    public EndpointSpec {
        requireNonNull(name, "name");
        requireNonNull(address, "address");
        requireNonNull(role, "role");
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: a number above 0)");
        }
        labels = Map.copyOf(labels);
    }

    /** Creates an endpoint without labels. */
    public EndpointSpec(String name, URI address, double weight, Role role) {
        this(name, address, weight, role, Map.of());
    }

    /** Returns an endpoint of weight 1 that does everything, named by its host and port. */
    public static EndpointSpec of(URI address) {
        return new EndpointSpec(address.getAuthority(), address, 1, Role.BOTH);
    }
}
