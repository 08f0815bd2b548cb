package dev.warmgate.proxy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an engine says of how long it keeps a connection, in {@code Keep-Alive: timeout=5, max=100}.
 *
 * @param timeout how long it may be unused, cut by a fifth, so that we close first; null if that is not said
 * @param exchanges how many more there may be; engines count it down or repeat it
 */
record KeepAlive(@Nullable Duration timeout, int exchanges) {
    static KeepAlive of(String text) {
        Duration timeout = null;
        int exchanges = Integer.MAX_VALUE;
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? "" : part.substring(0, equals).trim();
            int value = equals < 0 ? -1 : number(part.substring(equals + 1).trim());
            if (value >= 0 && name.equalsIgnoreCase("timeout")) {
                timeout = Duration.ofMillis(value * 800L);
            } else if (value >= 0 && name.equalsIgnoreCase("max")) {
                exchanges = value;
            }
        }
        return new KeepAlive(timeout, exchanges);
    }

    private static int number(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
