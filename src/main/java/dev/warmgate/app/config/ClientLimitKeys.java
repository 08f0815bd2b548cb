package dev.warmgate.app.config;

import dev.warmgate.proxy.front.ClientLimits;
import java.util.ArrayList;
import java.util.List;

/** The keys about what clients may take, part of the section {@code limits}, in the order of the documentation. */
final class ClientLimitKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    private static final ValueType<Long> MANY = ValueTypes.integer(1, 10_000_000);

    static final Setting<Long> HEADER_FIELDS = add(Setting.of(
            "limits.maxHeaderFields",
            ValueTypes.integer(16, 10_000),
            (long) ClientLimits.DEFAULT.headerFields(),
            "Most header fields of a request; with more it is answered 431."));
    static final Setting<Long> CONNECTIONS = add(
            Setting.of(
                    "limits.maxConnections",
                    MANY,
                    (long) ClientLimits.DEFAULT.connections(),
                    "Most connections of clients; further ones are closed at once. Keep it below the system's limit of open files."));
    static final Setting<Long> CONNECTIONS_PER_CLIENT = add(Setting.withoutDefault(
            "limits.maxConnectionsPerClient",
            MANY,
            "no limit",
            "Most connections of one address (of IPv6, of one /64); trusted proxies may have any number."));
    static final Setting<Long> REQUESTS = add(Setting.of(
            "limits.maxRequests",
            MANY,
            (long) ClientLimits.DEFAULT.requests(),
            "Most requests in flight, those that wait included; further ones are answered 503."));
    static final Setting<Long> REQUESTS_PER_CLIENT = add(Setting.withoutDefault(
            "limits.maxRequestsPerClient",
            MANY,
            "no limit",
            "Most requests in flight of one address, behind trusted proxies of the one that they name; further ones are"
                    + " answered 429."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private ClientLimitKeys() {}

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }

    /** Returns what a section grants clients, the time to take their answers and the trusted proxies apart. */
    static ClientLimits read(Section section) {
        return new ClientLimits(
                Math.toIntExact(section.get(HEADER_FIELDS)),
                Math.toIntExact(section.get(CONNECTIONS)),
                limit(section, CONNECTIONS_PER_CLIENT),
                Math.toIntExact(section.get(REQUESTS)),
                limit(section, REQUESTS_PER_CLIENT),
                ClientLimits.DEFAULT.writeTimeout(),
                ClientLimits.DEFAULT.exempt());
    }

    private static int limit(Section section, Setting<Long> setting) {
        Long written = section.find(setting);
        return written == null ? ClientLimits.UNLIMITED : Math.toIntExact(written);
    }
}
