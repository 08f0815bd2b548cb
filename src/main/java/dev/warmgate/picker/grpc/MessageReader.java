package dev.warmgate.picker.grpc;

import dev.warmgate.picker.grpc.GrpcStatus.Code;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes messages out of a stream's data, however that is cut: one byte that says whether a message is compressed, four of
 * its length, and the message (gRPC's {@code PROTOCOL-HTTP2.md}).
 */
final class MessageReader {
    static final int PREFIX = 5;

    /** Room that is made for a message that is announced, for each byte of it that is there; more is made as it comes. */
    private static final int ROOM = 4;

    private static final int LEAST_ROOM = 1 << 10;

    private static final byte[] NONE = {};

    private final int maxMessage;
    private int prefix;

    /** The bytes of the length so far. */
    private int length;

    private byte[] message = NONE;
    private int filled;

    MessageReader(int maxMessage) {
        this.maxMessage = maxMessage;
    }

    /** A message that cannot be read. */
    static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient GrpcStatus status;

        Unreadable(Code code, String message) {
            super(message, null, false, false);
            status = new GrpcStatus(code, message);
        }

        GrpcStatus status() {
            return status;
        }
    }

    /**
     * Reads until a message is whole, which it returns, or to the end of the data: null.
     *
     * @throws Unreadable if the message is compressed or too large
     */
    byte @Nullable [] next(ByteBuf data) {
        while (prefix < PREFIX) {
            if (!data.isReadable()) {
                return null;
            }
            int b = data.readUnsignedByte();
            if (prefix == 0 && b != 0) {
                throw new Unreadable(Code.UNIMPLEMENTED, "compressed messages are not read here");
            }
            length = length << 8 | b;
            prefix++;
            if (prefix == PREFIX) {
                begin(data.readableBytes());
            }
        }
        int part = Math.min(length - filled, data.readableBytes());
        if (filled + part > message.length) {
            message = Arrays.copyOf(message, (int) Math.min(length, Math.max(filled + part, message.length * 2L)));
        }
        data.readBytes(message, filled, part);
        filled += part;
        return filled == length ? take() : null;
    }

    /** Returns a message that is an array's end behind its prefix. */
    static byte[] prefixed(byte[] array, int from) {
        int length = array.length - from;
        return ByteBuffer.allocate(PREFIX + length)
                .put((byte) 0)
                .putInt(length)
                .put(array, from, length)
                .array();
    }

    private void begin(int there) {
        if (length < 0 || length > maxMessage) {
            throw new Unreadable(
                    Code.RESOURCE_EXHAUSTED,
                    "a message of " + Integer.toUnsignedString(length) + " bytes; at most " + maxMessage + " are read");
        }
        message = new byte[Math.min(length, Math.max(ROOM * there, LEAST_ROOM))];
        filled = 0;
    }

    private byte[] take() {
        byte[] whole = message;
        message = NONE;
        prefix = 0;
        length = 0;
        return whole;
    }

    /** Returns whether a part of a message has come. */
    boolean isAmidst() {
        return prefix > 0;
    }
}
