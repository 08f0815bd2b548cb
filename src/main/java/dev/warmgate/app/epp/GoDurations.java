package dev.warmgate.app.epp;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as Go's {@code time.ParseDuration} reads them: {@code 300ms}, {@code 1.5h}, {@code 1m30s}, {@code 0}. */
final class GoDurations {
    static final String EXPECTED = "a duration such as 300ms, 1.5h or 1m30s";

    private static final Map<String, BigDecimal> NANOS = Map.of(
            "ns", BigDecimal.ONE,
            "us", new BigDecimal(1_000),
            "µs", new BigDecimal(1_000),
            "μs", new BigDecimal(1_000),
            "ms", new BigDecimal(1_000_000),
            "s", new BigDecimal(1_000_000_000),
            "m", new BigDecimal(60_000_000_000L),
            "h", new BigDecimal(3_600_000_000_000L));

    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");
    private static final int LONGEST = 100;

    private GoDurations() {}

    /** Returns the duration, or null if the text is none, or one of more than 292 years. */
    @Nullable
    static Duration parse(String text) {
        if (text.length() > LONGEST) {
            return null;
        }
        boolean minus = text.startsWith("-");
        String rest = minus || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        var parts = PART.matcher(rest);
        var nanos = BigDecimal.ZERO;
        int end = 0;
        while (parts.find() && parts.start() == end) {
            var unit = NANOS.getOrDefault(parts.group(2), BigDecimal.ONE);
            nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(unit).setScale(0, RoundingMode.DOWN));
            end = parts.end();
        }
        if (end == 0 || end != rest.length() || nanos.compareTo(new BigDecimal(Long.MAX_VALUE)) > 0) {
            return null;
        }
        return Duration.ofNanos(minus ? -nanos.longValueExact() : nanos.longValueExact());
    }

    /** Returns a duration as Go writes it: reading it again gives the same. */
    static String write(Duration duration) {
        if (duration.isNegative()) {
            return "-" + write(duration.negated());
        }
        long hours = duration.toHours();
        int minutes = duration.toMinutesPart();
        var seconds =
                new BigDecimal(duration.toSecondsPart()).add(new BigDecimal(duration.toNanosPart()).movePointLeft(9));
        String last = seconds.signum() == 0 && (hours > 0 || minutes > 0)
                ? ""
                : seconds.signum() == 0
                        ? "0s"
                        : duration.toSeconds() == 0 ? plain(seconds.movePointRight(3)) + "ms" : plain(seconds) + "s";
        return (hours > 0 ? hours + "h" : "") + (minutes > 0 ? minutes + "m" : "") + last;
    }

    private static String plain(BigDecimal value) {
        return value.stripTrailingZeros().toPlainString();
    }
}
