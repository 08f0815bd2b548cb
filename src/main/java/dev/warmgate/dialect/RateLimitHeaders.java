package dev.warmgate.dialect;

import dev.warmgate.router.quota.QuotaSnapshot;
import dev.warmgate.router.quota.QuotaState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The headers that tell a client what is left of its limits, by the names and formats of OpenAI's API reference ("rate
 * limits in headers"), which its clients read.
 */
public final class RateLimitHeaders {
    private RateLimitHeaders() {}

    /** Returns the headers by name, in lower case; none for a kind without limit. */
    public static Map<String, String> of(QuotaSnapshot snapshot) {
        if (snapshot.requests() == null && snapshot.tokens() == null) {
            return Map.of();
        }
        var headers = new LinkedHashMap<String, String>();
        add(headers, "requests", snapshot.requests());
        add(headers, "tokens", snapshot.tokens());
        return headers;
    }

    private static void add(Map<String, String> headers, String what, @Nullable QuotaState state) {
        if (state != null) {
            headers.put("x-ratelimit-limit-" + what, Long.toString((long)
                    state.limit().limit()));
            headers.put("x-ratelimit-remaining-" + what, Long.toString((long) state.remaining()));
            headers.put("x-ratelimit-reset-" + what, reset(state.reset()));
        }
    }

    /**
     * Returns a time as OpenAI writes it: {@code 20ms}, {@code 8.64s}, {@code 6m0s}, {@code 23h0m5s}. Rounded up to whole
     * milliseconds, so that who waits that long does not come too early.
     */
    public static String reset(Duration time) {
        long millis = time.plusNanos(999_999).toMillis();
        if (millis <= 0) {
            return "0s";
        }
        if (millis < 1_000) {
            return millis + "ms";
        }
        var text = new StringBuilder();
        long minutes = millis / 60_000;
        if (minutes >= 60) {
            text.append(minutes / 60).append('h');
        }
        if (minutes > 0) {
            text.append(minutes % 60).append('m');
        }
        text.append(millis / 1_000 % 60);
        String fraction = Long.toString(1_000 + millis % 1_000).substring(1).replaceFirst("0+$", "");
        return (fraction.isEmpty() ? text : text.append('.').append(fraction))
                .append('s')
                .toString();
    }
}
