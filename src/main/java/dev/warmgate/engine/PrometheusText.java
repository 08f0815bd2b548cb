package dev.warmgate.engine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the Prometheus text format, version 0.0.4, that takes the page in parts of any size.
 *
 * <p>Engines' pages are tens of kilobytes of histograms of which a dozen lines matter, so only names that the sink
 * wants are parsed further. Comments, blank lines, lines longer than {@link #MAX_LINE_BYTES} and lines that are not
 * well-formed are skipped: half a page is better than none. Timestamps and OpenMetrics exemplars are ignored.
 *
 * <p>One per page; not thread-safe. Memory: one line.
 */
final class PrometheusText {
    static final int MAX_LINE_BYTES = 64 << 10;

    /** What to do with the samples of a page. */
    interface Sink {
        /** Whether samples of this metric are wanted. */
        boolean wants(String name);

        /** Takes one sample of a wanted metric. */
        void sample(String name, Map<String, String> labels, double value);
    }

    private final Sink sink;
    private byte[] line = new byte[1024];
    private int length;
    private boolean tooLong;

    // Position of the parser within the line.
    private int at;

    PrometheusText(Sink sink) {
        this.sink = sink;
    }

    /** Reads the next part of the page. */
    void read(byte[] bytes, int offset, int count) {
        int from = offset;
        int end = offset + count;
        for (int i = offset; i < end; i++) {
            if (bytes[i] == '\n') {
                keep(bytes, from, i);
                endLine();
                from = i + 1;
            }
        }
        keep(bytes, from, end);
    }

    /** Ends the page: a last line need not end with a line break. */
    void end() {
        endLine();
    }

    private void keep(byte[] bytes, int from, int to) {
        int count = to - from;
        if (tooLong || length + count > MAX_LINE_BYTES) {
            tooLong = true;
            return;
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, Math.max(length + count, line.length * 2));
        }
        System.arraycopy(bytes, from, line, length, count);
        length += count;
    }

    private void endLine() {
        if (!tooLong && length > 0 && line[0] != '#') {
            readLine();
        }
        length = 0;
        tooLong = false;
    }

    private void readLine() {
        at = 0;
        skipBlanks();
        int start = at;
        while (at < length && line[at] != '{' && !blank(line[at])) {
            at++;
        }
        if (at == start) {
            return;
        }
        String name = text(start, at);
        if (!sink.wants(name)) {
            return;
        }
        skipBlanks();
        var labels = readLabels();
        if (labels == null) {
            return;
        }
        skipBlanks();
        start = at;
        while (at < length && !blank(line[at])) {
            at++;
        }
        String value = text(start, at);
        if (isNumber(value)) {
            sink.sample(name, labels, toDouble(value));
        }
    }

    /** Reads labels if there are any; null if they are malformed. */
    private @Nullable Map<String, String> readLabels() {
        if (at >= length || line[at] != '{') {
            return Map.of();
        }
        at++;
        var labels = new HashMap<String, String>();
        while (true) {
            skipBlanks();
            if (at < length && line[at] == '}') {
                at++;
                return labels;
            }
            int start = at;
            while (at < length && line[at] != '=' && line[at] != '}' && !blank(line[at])) {
                at++;
            }
            String name = text(start, at);
            skipBlanks();
            if (name.isEmpty() || at >= length || line[at++] != '=') {
                return null;
            }
            skipBlanks();
            String value = readQuoted();
            if (value == null) {
                return null;
            }
            labels.put(name, value);
            skipBlanks();
            if (at < length && line[at] == ',') {
                at++;
            } else if (at >= length || line[at] != '}') {
                return null;
            }
        }
    }

    /** Reads a label's value: backslash, double quote and line feed are escaped by a backslash. */
    private @Nullable String readQuoted() {
        if (at >= length || line[at] != '"') {
            return null;
        }
        int start = ++at;
        boolean escaped = false;
        while (at < length && line[at] != '"') {
            if (line[at] == '\\') {
                escaped = true;
                at++;
            }
            at++;
        }
        if (at >= length) {
            return null;
        }
        String raw = text(start, at++);
        return escaped ? unescape(raw) : raw;
    }

    private static String unescape(String raw) {
        var plain = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\' && i + 1 < raw.length()) {
                char next = raw.charAt(++i);
                switch (next) {
                    case 'n' -> plain.append('\n');
                    case '\\', '"' -> plain.append(next);
                    default -> plain.append('\\').append(next);
                }
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    /** Stricter than {@link Double#parseDouble}, which also takes hexadecimal numbers and type suffixes. */
    private static boolean isNumber(String value) {
        switch (value) {
            case "NaN", "Inf", "+Inf", "-Inf" -> {
                return true;
            }
            default -> {}
        }
        boolean digit = false;
        int exponent = -1;
        boolean point = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= '0' && c <= '9') {
                digit = true;
            } else if (c == '.' && !point && exponent < 0) {
                point = true;
            } else if ((c == 'e' || c == 'E') && digit && exponent < 0) {
                exponent = i;
                digit = false;
            } else if (!((c == '-' || c == '+') && (i == 0 || i == exponent + 1))) {
                return false;
            }
        }
        return digit;
    }

    private static double toDouble(String value) {
        return switch (value) {
            case "Inf", "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(value);
        };
    }

    private String text(int from, int to) {
        return new String(line, from, to - from, StandardCharsets.UTF_8);
    }

    private void skipBlanks() {
        while (at < length && blank(line[at])) {
            at++;
        }
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }
}
