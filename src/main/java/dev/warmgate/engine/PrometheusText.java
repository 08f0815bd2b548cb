package dev.warmgate.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the Prometheus text format, version 0.0.4, that takes the page in parts of any size.
 *
 * <p>Engines' pages are tens of kilobytes of histograms of which a dozen lines matter, so of all others only the first bytes
 * are looked at, and only names that the sink wants are parsed further. Comments, blank lines, lines longer than {@link #MAX_LINE_BYTES} and lines that are not
 * well-formed are skipped: half a page is better than none. Timestamps and OpenMetrics exemplars are ignored.
 *
 * <p>One per page; not thread-safe. Memory: one line.
 */
final class PrometheusText {
    static final int MAX_LINE_BYTES = 64 << 10;

    /** What to do with the samples of a page. */
    interface Sink {
        /**
         * Whether a metric whose name begins like this may be wanted. Not asked for a line that is shorter.
         *
         * @param first the first eight bytes of a line, the first of them lowest
         */
        default boolean mayWant(long first) {
            return true;
        }

        /** Whether samples of this metric are wanted. */
        boolean wants(String name);

        /** Takes one sample of a wanted metric. */
        void sample(String name, Map<String, String> labels, double value);
    }

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long LINE_BREAKS = '\n' * ONES;

    private final Sink sink;

    /** What there is of a line that is not whole. */
    private byte[] begun = new byte[1024];

    private int length;
    private boolean tooLong;

    // The line at hand, and the position of the parser within it.
    private byte[] line = begun;
    private int at;
    private int end;

    PrometheusText(Sink sink) {
        this.sink = sink;
    }

    /** Reads the next part of the page. */
    void read(byte[] bytes, int offset, int count) {
        int from = offset;
        int to = offset + count;
        if (length > 0 || tooLong) {
            int stop = lineBreak(bytes, from, to);
            keep(bytes, from, stop);
            if (stop == to) {
                return;
            }
            end();
            from = stop + 1;
        }
        while (from < to) {
            int stop = lineBreak(bytes, from, to);
            if (stop == to) {
                keep(bytes, from, to);
                return;
            }
            if (stop - from <= MAX_LINE_BYTES) {
                readLine(bytes, from, stop);
            }
            from = stop + 1;
        }
    }

    /** Ends the page: a last line need not end with a line break. */
    void end() {
        if (!tooLong) {
            readLine(begun, 0, length);
        }
        length = 0;
        tooLong = false;
    }

    /** Returns where the first line break is, or {@code to}. */
    private static int lineBreak(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long others = (long) LONGS.get(bytes, i) ^ LINE_BREAKS;
            // The lowest byte whose highest bit stays is the first that is zero.
            long found = (others - ONES) & ~others & (ONES << 7);
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >> 3);
            }
        }
        while (i < to && bytes[i] != '\n') {
            i++;
        }
        return i;
    }

    private void keep(byte[] bytes, int from, int to) {
        int count = to - from;
        if (tooLong || length + count > MAX_LINE_BYTES) {
            tooLong = true;
            return;
        }
        if (length + count > begun.length) {
            begun = Arrays.copyOf(begun, Math.max(length + count, begun.length * 2));
        }
        System.arraycopy(bytes, from, begun, length, count);
        length += count;
    }

    private void readLine(byte[] bytes, int from, int to) {
        if (from == to || bytes[from] == '#') {
            return;
        }
        if (to - from < Long.BYTES || blank(bytes[from]) || sink.mayWant((long) LONGS.get(bytes, from))) {
            line = bytes;
            at = from;
            end = to;
            readLine();
        }
    }

    private void readLine() {
        skipBlanks();
        int start = at;
        while (at < end && line[at] != '{' && !blank(line[at])) {
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
        while (at < end && !blank(line[at])) {
            at++;
        }
        String value = text(start, at);
        if (isNumber(value)) {
            sink.sample(name, labels, toDouble(value));
        }
    }

    /** Reads labels if there are any; null if they are malformed. */
    private @Nullable Map<String, String> readLabels() {
        if (at >= end || line[at] != '{') {
            return Map.of();
        }
        at++;
        var labels = new HashMap<String, String>();
        while (true) {
            skipBlanks();
            if (at < end && line[at] == '}') {
                at++;
                return labels;
            }
            int start = at;
            while (at < end && line[at] != '=' && line[at] != '}' && !blank(line[at])) {
                at++;
            }
            String name = text(start, at);
            skipBlanks();
            if (name.isEmpty() || at >= end || line[at++] != '=') {
                return null;
            }
            skipBlanks();
            String value = readQuoted();
            if (value == null) {
                return null;
            }
            labels.put(name, value);
            skipBlanks();
            if (at < end && line[at] == ',') {
                at++;
            } else if (at >= end || line[at] != '}') {
                return null;
            }
        }
    }

    /** Reads a label's value: backslash, double quote and line feed are escaped by a backslash. */
    private @Nullable String readQuoted() {
        if (at >= end || line[at] != '"') {
            return null;
        }
        int start = ++at;
        boolean escaped = false;
        while (at < end && line[at] != '"') {
            if (line[at] == '\\') {
                escaped = true;
                at++;
            }
            at++;
        }
        if (at >= end) {
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
        while (at < end && blank(line[at])) {
            at++;
        }
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }
}
