package dev.warmgate.dialect;

import dev.warmgate.router.prefix.PromptSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The decoding of a JSON string's inside, already known to be valid. */
final class JsonText {
    private static final byte BACKSLASH = '\\';
    private static final int REPLACEMENT = 0xFFFD;

    private JsonText() {}

    /** Feeds the text between {@code from} and {@code to} as UTF-8; a lone surrogate becomes U+FFFD. */
    static void feed(byte[] json, int from, int to, PromptSink sink) {
        int at = from;
        while (at < to) {
            int slash = ByteSearch.indexOf(BACKSLASH, BACKSLASH, json, at, to);
            if (slash > at) {
                sink.text(json, at, slash - at);
            }
            at = slash < to ? feedEscape(json, slash, to, sink) : to;
        }
    }

    /** Returns a text as a JSON string of ASCII only, its quotes included. */
    static String quoted(String text) {
        var json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == BACKSLASH) {
                json.append((char) BACKSLASH).append(c);
            } else if (c < ' ' || c > '~') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    static String decode(byte[] json, int from, int to) {
        var bytes = new Bytes(to - from);
        feed(json, from, to, bytes);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Returns the byte behind the escape, or behind both escapes of a surrogate pair. */
    private static int feedEscape(byte[] json, int at, int to, PromptSink sink) {
        byte kind = json[at + 1];
        if (kind != 'u') {
            sink.text(simple(kind));
            return at + 2;
        }
        int unit = unit(json, at + 2);
        int next = at + 6;
        if (!Character.isSurrogate((char) unit)) {
            feedCodePoint(unit, sink);
            return next;
        }
        boolean another = next + 6 <= to && json[next] == '\\' && json[next + 1] == 'u';
        int low = another ? unit(json, next + 2) : 0;
        if (Character.isSurrogatePair((char) unit, (char) low)) {
            feedCodePoint(Character.toCodePoint((char) unit, (char) low), sink);
            return next + 6;
        }
        feedCodePoint(REPLACEMENT, sink);
        return next;
    }

    private static byte simple(byte kind) {
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> kind;
        };
    }

    private static int unit(byte[] json, int at) {
        int unit = 0;
        for (int i = at; i < at + 4; i++) {
            unit = (unit << 4) | Character.digit(json[i], 16);
        }
        return unit;
    }

    private static void feedCodePoint(int codePoint, PromptSink sink) {
        if (codePoint < 0x80) {
            sink.text((byte) codePoint);
            return;
        }
        if (codePoint < 0x800) {
            sink.text((byte) (0xC0 | (codePoint >> 6)));
        } else {
            if (codePoint < 0x10000) {
                sink.text((byte) (0xE0 | (codePoint >> 12)));
            } else {
                sink.text((byte) (0xF0 | (codePoint >> 18)));
                sink.text(continuation(codePoint >> 12));
            }
            sink.text(continuation(codePoint >> 6));
        }
        sink.text(continuation(codePoint));
    }

    private static byte continuation(int bits) {
        return (byte) (0x80 | (bits & 0x3F));
    }

    private static final class Bytes extends ByteArrayOutputStream implements PromptSink {
        Bytes(int size) {
            super(size);
        }

        @Override
        public void text(byte[] bytes, int offset, int length) {
            write(bytes, offset, length);
        }

        @Override
        public void text(byte value) {
            write(value);
        }

        @Override
        public void opaque(byte[] bytes, int offset, int length, int tokens) {}

        @Override
        public void beginMessage(String role) {}

        @Override
        public void endMessage() {}
    }
}
