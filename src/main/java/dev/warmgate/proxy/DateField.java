package dev.warmgate.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The {@code Date} field of answers (RFC 9110 section 6.6.1), written anew once a second. Without the JDK's formatter, which
 * loads the names of days and months in a way that takes a start 20 ms. Confined to one event loop.
 */
final class DateField {
    // RFC 9110 section 5.6.7.
    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    private final InstantSource clock;
    private long second = Long.MIN_VALUE;
    private String text = "";

    DateField(InstantSource clock) {
        this.clock = clock;
    }

    /** Adds the time to an answer that does not say when it was made. */
    void addTo(HttpHeaders headers) {
        if (!headers.contains(HttpHeaderNames.DATE)) {
            headers.set(HttpHeaderNames.DATE, now());
        }
    }

    private String now() {
        long millis = clock.millis();
        if (millis / 1_000 != second) {
            second = millis / 1_000;
            text = format(second);
        }
        return text;
    }

    private static String format(long second) {
        var time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        return DAYS.get(time.getDayOfWeek().getValue() - 1)
                + ", " + twoDigits(time.getDayOfMonth())
                + " " + MONTHS.get(time.getMonthValue() - 1)
                + " " + time.getYear()
                + " " + twoDigits(time.getHour())
                + ":" + twoDigits(time.getMinute())
                + ":" + twoDigits(time.getSecond())
                + " GMT";
    }

    private static String twoDigits(int number) {
        return (number < 10 ? "0" : "") + number;
    }
}
