package dev.warmgate.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The {@code Date} field of answers (RFC 9110 section 6.6.1), written anew once a second. Confined to one event loop. */
final class DateField {
    /** RFC 9110 section 5.6.7. */
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

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
            text = FORMAT.format(Instant.ofEpochSecond(second));
        }
        return text;
    }
}
