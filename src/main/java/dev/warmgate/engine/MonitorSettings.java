package dev.warmgate.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often endpoints are asked, and how long an answer may take.
 *
 * @param checkInterval between two active health checks of one endpoint
 * @param metricsInterval between two readings of one endpoint's metrics
 * @param modelsInterval between two readings of one endpoint's model list, once one succeeded
 * @param checkTimeout limit of one health check
 * @param readTimeout limit of one reading of metrics or models
 * @param generateInterval how long an endpoint may go without having answered a request before it is asked for a token,
 *     or null if it is never asked
 */
public record MonitorSettings(
        Duration checkInterval,
        Duration metricsInterval,
        Duration modelsInterval,
        Duration checkTimeout,
        Duration readTimeout,
        @Nullable Duration generateInterval) {
    /** Limit of one check that asks for a token. */
    static final Duration GENERATE_TIMEOUT = Duration.ofSeconds(10);

    /** Checks and metrics every 2 s, models every 30 s; limits of 1 s and 3 s. */
    public static final MonitorSettings DEFAULT = new MonitorSettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            null);

    public MonitorSettings {
        requirePositive("checkInterval", checkInterval);
        requirePositive("metricsInterval", metricsInterval);
        requirePositive("modelsInterval", modelsInterval);
        requirePositive("checkTimeout", checkTimeout);
        requirePositive("readTimeout", readTimeout);
        if (generateInterval != null) {
            requirePositive("generateInterval", generateInterval);
        }
    }

    Duration longestTimeout() {
        var longest = readTimeout.compareTo(checkTimeout) > 0 ? readTimeout : checkTimeout;
        return generateInterval == null || longest.compareTo(GENERATE_TIMEOUT) > 0 ? longest : GENERATE_TIMEOUT;
    }

    private static void requirePositive(String name, Duration value) {
        if (value.toMillis() < 1 || value.toDays() > 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 ms to 1 day)");
        }
    }
}
