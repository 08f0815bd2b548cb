package dev.warmgate.telemetry;

import dev.warmgate.router.RequestReport;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of the access log, as JSON or as {@code key=value} text.
 *
 * <p>Clients choose paths, model names and request ids, so everything that could end a line, steer a terminal or break a
 * parser is escaped in both formats, and long values are cut. Facts that are not known are left out.
 *
 * <p>Reused by one thread.
 */
final class AccessLine {
    private static final int MAX_VALUE_CHARS = 1_000;
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final boolean json;
    private final StringBuilder line = new StringBuilder(512);

    AccessLine(boolean json) {
        this.json = json;
    }

    /** Returns the line for a request that ended at a time, line feed included. */
    String format(long epochMillis, RequestReport report) {
        line.setLength(0);
        if (json) {
            line.append('{');
        }
        text("time", TIME.format(Instant.ofEpochMilli(epochMillis)));
        text("id", report.requestId());
        text("client", report.client());
        text("method", report.method());
        text("path", report.path());
        number("status", report.status());
        text("outcome", Telemetry.label(report.outcome()));
        text("dialect", report.dialect());
        text("model", report.model());
        text("pool", report.pool());
        var decision = report.decision();
        if (decision != null) {
            text("endpoint", decision.endpoint());
        }
        var standing = report.admittance().standing();
        if (standing != null) {
            text("tenant", standing.tenant());
            name("priority");
            line.append(standing.priority());
        }
        seconds("queued_s", report.admittance().queuedNanos());
        text("refused", report.admittance().refusal());
        var exposure = report.exposure();
        text("exposure", exposure == null ? null : exposure.label());
        flag("stream", report.stream());
        seconds("duration_s", report.durationNanos());
        seconds("ttft_s", report.ttftNanos());
        seconds("itl_s", report.itlNanos());
        number("prompt_tokens", report.usage().promptTokens());
        number("cached_tokens", report.usage().cachedTokens());
        number("output_tokens", report.usage().outputTokens());
        if (report.usage().estimated()) {
            flag("tokens_estimated", true);
        }
        if (decision != null) {
            number("predicted_prompt_tokens", decision.promptTokens());
            number("predicted_cached_tokens", decision.cachedTokens());
            seconds("decision_s", report.decisionNanos());
        }
        number("retries", report.retries());
        number("bytes_in", report.bytesIn());
        number("bytes_out", report.bytesOut());
        return line.append(json ? "}\n" : "\n").toString();
    }

    private void name(String name) {
        if (json) {
            line.append(line.length() == 1 ? "\"" : ",\"").append(name).append("\":");
        } else {
            line.append(line.isEmpty() ? "" : " ").append(name).append('=');
        }
    }

    private void flag(String name, boolean value) {
        name(name);
        line.append(value);
    }

    private void number(String name, long value) {
        if (value >= 0) {
            name(name);
            line.append(value);
        }
    }

    private void seconds(String name, long nanos) {
        if (nanos >= 0) {
            name(name);
            long micros = nanos / 1_000;
            line.append(micros / 1_000_000).append('.');
            String fraction = Long.toString(micros % 1_000_000);
            line.repeat('0', 6 - fraction.length()).append(fraction);
        }
    }

    private void text(String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        name(name);
        if (!json && plain(value)) {
            line.append(value);
            return;
        }
        line.append('"');
        int end = Math.min(value.length(), MAX_VALUE_CHARS);
        for (int i = 0; i < end; i++) {
            escaped(value, i);
        }
        line.append(end < value.length() ? "…\"" : "\"");
    }

    private static boolean plain(String value) {
        if (value.isEmpty() || value.length() > MAX_VALUE_CHARS) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=') {
                return false;
            }
        }
        return true;
    }

    private void escaped(String value, int i) {
        char c = value.charAt(i);
        switch (c) {
            case '"', '\\' -> line.append('\\').append(c);
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (c >= ' ' && c < 0x7f) {
                    line.append(c);
                } else if (c > 0x9f && printable(value, i)) {
                    line.append(c);
                } else {
                    line.append("\\u");
                    for (int shift = 12; shift >= 0; shift -= 4) {
                        line.append(HEX[c >> shift & 0xf]);
                    }
                }
            }
        }
    }

    /** Half a surrogate pair is no character; line separators and format characters change how a line is shown. */
    private static boolean printable(String value, int i) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 < Math.min(value.length(), MAX_VALUE_CHARS) && Character.isLowSurrogate(value.charAt(i + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
        }
        int type = Character.getType(c);
        return type != Character.LINE_SEPARATOR && type != Character.PARAGRAPH_SEPARATOR && type != Character.FORMAT;
    }
}
