package dev.warmgate.twin.report;

import java.util.Map;

/**
 * Times between two output tokens of measured requests, in seconds.
 *
 * @param all of all requests
 * @param byPriority by the name of the group, as {@link ClassNames} names it; empty if nobody counted
 * @param byTenant likewise
 */
public record ItlFigures(Distribution all, Map<String, Distribution> byPriority, Map<String, Distribution> byTenant) {
    public ItlFigures {
        byPriority = Map.copyOf(byPriority);
        byTenant = Map.copyOf(byTenant);
    }

    /** Returns the figures of requests that were not told apart. */
    public static ItlFigures of(Distribution all) {
        return new ItlFigures(all, Map.of(), Map.of());
    }
}
