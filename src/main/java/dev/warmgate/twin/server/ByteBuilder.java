package dev.warmgate.twin.server;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte array with the few ways of writing that JSON and HTTP need. */
final class ByteBuilder {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

    private byte[] bytes = new byte[256];
    private int length;

    /** Returns the bytes of a constant. */
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns {@code text} as a JSON string with its quotes. */
    static byte[] quoted(String text) {
        return new ByteBuilder().quote(text).toBytes();
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    boolean isEmpty() {
        return length == 0;
    }

    void clear() {
        length = 0;
        if (bytes.length > 1 << 16) {
            bytes = new byte[1 << 12];
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    ByteBuilder add(byte[] more) {
        return add(more, 0, more.length);
    }

    ByteBuilder add(byte[] more, int offset, int count) {
        reserve(count);
        System.arraycopy(more, offset, bytes, length, count);
        length += count;
        return this;
    }

    ByteBuilder add(ByteBuilder more) {
        return add(more.bytes, 0, more.length);
    }

    ByteBuilder add(String text) {
        return add(bytes(text));
    }

    ByteBuilder add(long number) {
        if (number < 0) {
            return add(Long.toString(number));
        }
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        reserve(digits);
        length += digits;
        long rest = number;
        for (int at = length - 1; at >= length - digits; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return this;
    }

    /** Adds a non-negative number in hexadecimal without leading zeros. */
    ByteBuilder addHex(int number) {
        int digits = Math.max(1, (35 - Integer.numberOfLeadingZeros(number)) / 4);
        reserve(digits);
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[number >>> shift & 15];
        }
        return this;
    }

    /** Adds a JSON string with its quotes. */
    ByteBuilder quote(String text) {
        byte[] utf8 = bytes(text);
        reserve(1);
        bytes[length++] = '"';
        escape(utf8, 0, utf8.length);
        reserve(1);
        bytes[length++] = '"';
        return this;
    }

    /** Adds UTF-8 as the inside of a JSON string. */
    ByteBuilder escape(byte[] utf8, int offset, int count) {
        reserve(count * 6);
        for (int i = offset; i < offset + count; i++) {
            byte b = utf8[i];
            if (b == '"' || b == '\\') {
                bytes[length++] = '\\';
                bytes[length++] = b;
            } else if (b >= 0 && b < 0x20) {
                bytes[length++] = '\\';
                bytes[length++] = 'u';
                bytes[length++] = '0';
                bytes[length++] = '0';
                bytes[length++] = HEX[b >>> 4];
                bytes[length++] = HEX[b & 15];
            } else {
                bytes[length++] = b;
            }
        }
        return this;
    }

    private void reserve(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
