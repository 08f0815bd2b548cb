package dev.warmgate.picker.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.EmptyHttp2Headers;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/** Reads header blocks, in the order in which they come on one connection. */
final class HeaderBlocks {
    /** The names and values of a call's header together, with 32 bytes for each field (RFC 9113, section 6.5.2). */
    static final int LARGEST_LIST = 16 << 10;

    /** A block on the wire. */
    static final int LARGEST_BLOCK = 32 << 10;

    /** What {@link #refuses} says of what is no request at all. */
    static final int MALFORMED = -1;

    private static final int NOT_ALLOWED = 405;
    private static final int UNSUPPORTED = 415;
    private static final int TOO_LARGE = 431;

    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true, LARGEST_LIST);

    /**
     * Reads a block; returns null if it says more than we take.
     *
     * @throws ProtocolError if it cannot be read: no later one could
     */
    @Nullable
    Http2Headers decode(int stream, ByteBuf block) throws ProtocolError {
        try {
            return decoder.decodeHeaders(stream, block);
        } catch (Http2Exception.HeaderListSizeException _) {
            return null;
        } catch (Http2Exception e) {
            if (Http2Exception.isStreamError(e)) {
                return EmptyHttp2Headers.INSTANCE; // of which no call can begin
            }
            throw new ProtocolError(ProtocolError.COMPRESSION, "a header block that cannot be read");
        }
    }

    /** Returns the HTTP status with which a header is refused that begins no call; {@link #MALFORMED} for none, 0 if it does. */
    static int refuses(@Nullable Http2Headers head) {
        if (head == null) {
            return TOO_LARGE;
        }
        if (head.path() == null || head.path().isEmpty() || head.method() == null || head.scheme() == null) {
            return MALFORMED;
        }
        if (!"POST".contentEquals(head.method())) {
            return NOT_ALLOWED;
        }
        var type = head.get("content-type");
        return type != null && type.toString().startsWith("application/grpc") ? 0 : UNSUPPORTED;
    }

    /** Returns whether a second header block may be the end of a stream: it tells nothing that only the first may. */
    static boolean mayEnd(@Nullable Http2Headers trailers) {
        if (trailers == null) {
            return false;
        }
        for (CharSequence name : trailers.names()) {
            if (name.charAt(0) == ':') {
                return false;
            }
        }
        return true;
    }
}
