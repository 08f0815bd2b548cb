package dev.warmgate.proxy;

import dev.warmgate.engine.link.EngineLinks;
import java.util.List;

/**
 * What is configured about requests on their way to engines.
 *
 * @param links how to get to each endpoint
 * @param trustedProxies the clients whose word about their own clients ({@code Forwarded}, {@code X-Forwarded-…}) is
 *     passed on
 * @param trusted whether all clients are gateways of one's own: everybody's word is passed on then, and headers that steer
 *     gateways and sidecars reach engines
 */
public record Outbound(EngineLinks links, List<Subnet> trustedProxies, boolean trusted) {
    /** Plain HTTP/1.1 without keys; nobody's word is passed on. */
    public static final Outbound DEFAULT = new Outbound(EngineLinks.plain(), List.of());

    /** Creates what holds where not all clients are trusted. */
    public Outbound(EngineLinks links, List<Subnet> trustedProxies) {
        this(links, trustedProxies, false);
    }

    public Outbound {
        trustedProxies = List.copyOf(trustedProxies);
    }
}
