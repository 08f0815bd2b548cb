package dev.warmgate.proxy.front;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * A codec as strict as RFC 9113 section 5.1: it ends a connection on frames for a stream that has ended with both
 * messages, and for one that was passed over and never opened; Netty's own does not remember streams, and resets them. A
 * header behind the end of its request resets the stream as closed.
 *
 * <p>Frames for a stream that we have reset or refused were on the way, and are forgiven; so are those for streams that
 * ended longer ago than is remembered.
 */
final class StrictFrameCodec extends Http2FrameCodec {
    private static final int REMEMBERED = 64;

    /** What Netty says of a header behind a request's end, with the wrong kind of error. Nothing else tells it apart. */
    private static final String SECOND_HEADER = "too many headers";

    /** The streams that ended last, a ring; negative if we reset or refused them, 0 before there were so many. */
    private final int[] ended = new int[REMEMBERED];

    private int next;

    private StrictFrameCodec(Http2ConnectionEncoder encoder, Http2ConnectionDecoder decoder, Http2Settings settings) {
        super(encoder, decoder, settings, false, true);
        connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                remember(stream.id(), stream.isResetSent());
            }
        });
    }

    /** Makes codecs of servers. */
    static final class Builder extends Http2FrameCodecBuilder {
        Builder() {
            server(true);
        }

        @Override
        protected Http2FrameCodec build(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            return new StrictFrameCodec(encoder, decoder, settings);
        }
    }

    private void remember(int stream, boolean byUs) {
        ended[next] = byUs ? -stream : stream;
        next = (next + 1) % REMEMBERED;
    }

    @Override
    public void onError(ChannelHandlerContext ctx, boolean outbound, Throwable cause) {
        super.onError(ctx, outbound, outbound ? cause : judged(cause));
    }

    private Throwable judged(Throwable cause) {
        if (!(Http2CodecUtil.getEmbeddedHttp2Exception(cause) instanceof Http2Exception.StreamException broken)) {
            return cause;
        }
        int id = broken.streamId();
        String message = String.valueOf(broken.getMessage());
        var stream = connection().stream(id);
        if (stream != null) {
            return stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE && message.contains(SECOND_HEADER)
                    ? Http2Exception.streamError(id, Http2Error.STREAM_CLOSED, broken, "%s", message)
                    : cause;
        }
        var worse = broken.error() == Http2Error.STREAM_CLOSED ? fault(id) : null;
        if (worse != null) {
            return Http2Exception.connectionError(worse, broken, "%s", message);
        }
        remember(id, true);
        return cause;
    }

    /** Returns what the client did wrong by sending for a stream that there is not, or null if that can be forgiven. */
    private @Nullable Http2Error fault(int stream) {
        int oldest = Integer.MAX_VALUE;
        for (int id : ended) {
            if (id == stream) {
                return Http2Error.STREAM_CLOSED;
            }
            if (id == -stream) {
                return null;
            }
            oldest = Math.min(oldest, Math.abs(id));
        }
        return stream > oldest ? Http2Error.PROTOCOL_ERROR : null;
    }
}
