package dev.warmgate.picker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/**
 * Writes Protocol Buffers' wire format from its end to its beginning: what a message contains is written before its
 * length, which is known then. Confined to whoever writes.
 */
final class ReplyWriter {
    private static final int VARINT = 0;
    private static final int BYTES = 2;

    private byte[] bytes;
    private int at;

    ReplyWriter(int room) {
        bytes = new byte[room];
        at = room;
    }

    /** Returns where the message stands that is written now: a mark for {@link #close}. */
    int end() {
        return bytes.length - at;
    }

    /** Makes what was written since a mark the value of a field. */
    void close(int field, int mark) {
        varint(end() - mark);
        tag(field, BYTES);
    }

    void bool(int field, boolean value) {
        if (value) {
            number(field, 1);
        }
    }

    void number(int field, int value) {
        varint(value);
        tag(field, VARINT);
    }

    void text(int field, String text) {
        value(field, text.getBytes(UTF_8));
    }

    void value(int field, byte[] value) {
        room(value.length);
        at -= value.length;
        System.arraycopy(value, 0, bytes, at, value.length);
        varint(value.length);
        tag(field, BYTES);
    }

    void value(int field, ByteString value) {
        if (value.isEmpty()) {
            return;
        }
        room(value.size());
        at -= value.size();
        value.copyTo(bytes, at);
        varint(value.size());
        tag(field, BYTES);
    }

    private void tag(int field, int kind) {
        varint(field << 3 | kind);
    }

    private void varint(int value) {
        room(5);
        int size = 1;
        for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        at -= size;
        int rest = value;
        for (int i = 0; i < size - 1; i++) {
            bytes[at + i] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at + size - 1] = (byte) rest;
    }

    private void room(int more) {
        if (at < more) {
            int written = end();
            byte[] larger = new byte[Math.max(2 * bytes.length, written + more)];
            System.arraycopy(bytes, at, larger, larger.length - written, written);
            at = larger.length - written;
            bytes = larger;
        }
    }

    /** Returns the array at whose end the message is. */
    byte[] array() {
        return bytes;
    }

    /** Returns where in the array it begins. */
    int begin() {
        return at;
    }

    byte[] toArray() {
        return Arrays.copyOfRange(bytes, at, bytes.length);
    }
}
