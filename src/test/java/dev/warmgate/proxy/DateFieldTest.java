package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DateFieldTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1994-11-06T08:49:37Z | Sun, 06 Nov 1994 08:49:37 GMT", // RFC 9110 section 5.6.7
                "2024-02-29T23:59:59.999Z | Thu, 29 Feb 2024 23:59:59 GMT",
                "2026-12-31T00:00:00Z | Thu, 31 Dec 2026 00:00:00 GMT",
            })
    void theTimeIsWrittenAsInternetMessagesHaveIt(Instant now, String expected) {
        assertThat(dated(now, new DefaultHttpHeaders()).get("date")).isEqualTo(expected);
    }

    @Test
    void whatTheEngineSaidStays() {
        var headers = dated(Instant.EPOCH, new DefaultHttpHeaders().set("date", "as it was"));
        assertThat(headers.getAll("date")).containsExactly("as it was");
    }

    private static HttpHeaders dated(Instant now, HttpHeaders headers) {
        new DateField(() -> now).addTo(headers);
        return headers;
    }
}
