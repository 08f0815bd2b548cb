package dev.warmgate.proxy.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 section 5.2) by their headers, to know where one ends and
 * whether the sender has said goodbye. Payloads are not looked at. Confined to one thread.
 */
public final class WebSocketFrames {
    /** RFC 6455 section 7.4.1: a server that goes down. */
    public static final int GOING_AWAY = 1001;

    /** The same: a server that cannot go on. */
    public static final int FAILED = 1011;

    private static final int CLOSE = 8;
    private static final int MASKED = 0x80;
    private static final int MASK_LENGTH = 4;

    private final byte[] header = new byte[2 + Long.BYTES];
    private int headerLength;
    private long payloadLeft;
    private boolean closed;

    /** Returns a frame that closes. */
    public static ByteBuf close(int code) {
        return Unpooled.wrappedBuffer(
                new byte[] {(byte) (0x80 | CLOSE), Short.BYTES, (byte) (code >> Byte.SIZE), (byte) code});
    }

    /** Reads bytes, which stay as they are. */
    public void read(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (payloadLeft > 0) {
                long skipped = Math.min(payloadLeft, end - at);
                payloadLeft -= skipped;
                at += (int) skipped;
            } else {
                header[headerLength++] = bytes.getByte(at++);
                if (headerLength >= 2 && headerLength == 2 + lengthBytes()) {
                    begin();
                }
            }
        }
    }

    /** How many bytes the length has beyond the header's second one. */
    private int lengthBytes() {
        return switch (header[1] & 0x7f) {
            case 126 -> Short.BYTES;
            case 127 -> Long.BYTES;
            default -> 0;
        };
    }

    private void begin() {
        long length = header[1] & 0x7f;
        int more = lengthBytes();
        if (more > 0) {
            length = 0;
            for (int i = 0; i < more; i++) {
                length = length << Byte.SIZE | (header[2 + i] & 0xff);
            }
        }
        closed |= (header[0] & 0xf) == CLOSE;
        // A length that is none (its first bit must be 0) ends nothing here: the receiver will see to it.
        payloadLeft = Math.max(0, length) + ((header[1] & MASKED) == 0 ? 0 : MASK_LENGTH);
        headerLength = 0;
    }

    /** Returns whether a frame may be put in here. */
    public boolean between() {
        return headerLength == 0 && payloadLeft == 0;
    }

    /** Returns whether a frame that closes has come, or begun to. */
    public boolean closed() {
        return closed;
    }
}
