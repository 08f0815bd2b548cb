package dev.warmgate.proxy;

import dev.warmgate.engine.link.EngineLinks;
import java.util.List;

/**
 * What is configured about requests on their way to engines.
 *
 * @param links how to get to each endpoint
 * @param trustedProxies the clients whose word about their own clients ({@code Forwarded}, {@code X-Forwarded-…}) is
 *     passed on
 */
public record Outbound(EngineLinks links, List<Subnet> trustedProxies) {
    /** Plain HTTP/1.1 without keys; nobody's word is passed on. */
    public static final Outbound DEFAULT = new Outbound(EngineLinks.plain(), List.of());

    public Outbound {
        trustedProxies = List.copyOf(trustedProxies);
    }
}
