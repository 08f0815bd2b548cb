package dev.warmgate.app.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is configured about a gateway. The {@code DEFAULT} constants are the only place where defaults are
 * written down.
 *
 * @param listeners the doors
 * @param pools at least one; names are unique, and so are the names of all endpoints
 * @param promptSecret the key of prompt hashes, or null for a random one
 * @param timeouts how long the gateway waits for what
 * @param limits what it refuses
 * @param checkInterval time between two active checks of one endpoint
 * @param accessLog whether and how requests are logged
 */
public record GatewayConfig(
        Listeners listeners,
        List<PoolConfig> pools,
        @Nullable PromptSecret promptSecret,
        Timeouts timeouts,
        Limits limits,
        Duration checkInterval,
        AccessLogFormat accessLog) {
    /** An endpoint that died is left alone soon, and a check costs an engine next to nothing. */
    static final Duration DEFAULT_CHECK_INTERVAL = Duration.ofSeconds(2);

    static final AccessLogFormat DEFAULT_ACCESS_LOG = AccessLogFormat.OFF;

    public GatewayConfig {
        pools = List.copyOf(pools);
    }

    /** How requests are logged; never with prompt text. */
    public enum AccessLogFormat {
        OFF,
        TEXT,
        JSON
    }

    /** Returns one line for people: what would be started. */
    public String summary() {
        int endpoints =
                pools.stream().mapToInt(pool -> pool.spec().endpoints().size()).sum();
        var names = pools.stream().map(PoolConfig::summary).toList();
        return count(pools.size(), "pool") + ", " + count(endpoints, "endpoint") + ": " + String.join("; ", names);
    }

    static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
