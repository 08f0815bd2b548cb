package dev.warmgate.picker;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Reads Protocol Buffers' wire format from an array: tags, lengths, and over what nobody asked for. Confined to whoever
 * reads.
 */
final class WireReader {
    static final int VARINT = 0;
    static final int FIXED_64 = 1;
    static final int BYTES = 2;
    static final int FIXED_32 = 5;

    private final byte[] bytes;
    private int at;
    private int end;

    WireReader(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length;
    }

    /** Bytes that are no message. */
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message, null, false, false);
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int at() {
        return at;
    }

    boolean hasMore() {
        return at < end;
    }

    /** Returns the next field's number and, in the lowest three bits, how it is written. */
    int tag() throws Broken {
        int tag = (int) varint();
        if (tag >>> 3 == 0) {
            throw new Broken("a field without a number");
        }
        return tag;
    }

    long varint() throws Broken {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw new Broken("a number that is cut off");
            }
            byte b = bytes[at++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new Broken("a number that is too long");
    }

    /** Returns the length of what follows, which is all there. */
    int length() throws Broken {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new Broken("a field that is cut off");
        }
        return (int) length;
    }

    /** Goes into the message that follows; returns what {@link #leave} wants. */
    int enter() throws Broken {
        int length = length();
        int outer = end;
        end = at + length;
        return outer;
    }

    /** Comes back from a message that is read. */
    void leave(int outer) {
        at = end;
        end = outer;
    }

    /** Passes over some bytes. */
    void pass(int length) {
        at += length;
    }

    String text(int length) {
        at += length;
        return new String(bytes, at - length, length, UTF_8);
    }

    /** Passes over the value of a field that nobody wants. */
    void skip(int tag) throws Broken {
        switch (tag & 7) {
            case VARINT -> varint();
            case FIXED_64 -> pass(fixed(8));
            case BYTES -> pass(length());
            case FIXED_32 -> pass(fixed(4));
            default -> throw new Broken("a field that is written in no known way");
        }
    }

    private int fixed(int length) throws Broken {
        if (length > end - at) {
            throw new Broken("a field that is cut off");
        }
        return length;
    }
}
