package dev.warmgate.proxy.front;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Chunks (RFC 9112 section 7.1) in one buffer each. Netty's encoder makes three of every piece of a stream, whose
 * bookkeeping costs more than copying an event of usual size.
 */
final class Chunks {
    /** Content of more bytes is not copied: three hexadecimal digits. */
    private static final int MOST_COPIED = 0xfff;

    /** The size, and twice CR LF. */
    private static final int FRAME = 3 + 4;

    private Chunks() {}

    /** Returns whether content can be framed here: some of it, but not much, and not the last. */
    static boolean suits(HttpContent content) {
        int bytes = content.content().readableBytes();
        return bytes > 0 && bytes <= MOST_COPIED && !(content instanceof LastHttpContent);
    }

    /** Takes over content that suits, and returns it as a chunk. */
    static ByteBuf frame(ByteBufAllocator allocator, HttpContent content) {
        var bytes = content.content();
        int size = bytes.readableBytes();
        var chunk = allocator.directBuffer(size + FRAME);
        for (int shift = size > 0xff ? 8 : size > 0xf ? 4 : 0; shift >= 0; shift -= 4) {
            chunk.writeByte(Character.forDigit(size >> shift & 0xf, 16));
        }
        chunk.writeShort('\r' << 8 | '\n').writeBytes(bytes).writeShort('\r' << 8 | '\n');
        content.release();
        return chunk;
    }
}
