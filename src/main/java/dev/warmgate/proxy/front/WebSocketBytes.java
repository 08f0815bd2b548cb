package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.MessageWriter;
import dev.warmgate.proxy.wire.RawBytes;
import dev.warmgate.proxy.wire.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a client connection that has become a WebSocket. When we close it the client is told by a frame, if none has
 * begun or said so already, and has a moment to reply (RFC 6455 section 7.1.1): clients that see the connection's end before
 * they have worked on the frame report a broken connection.
 */
final class WebSocketBytes extends RawBytes {
    private static final long REPLY_MILLIS = 1_000;

    private final WebSocketFrames toClient = new WebSocketFrames();
    private final WebSocketFrames fromClient = new WebSocketFrames();
    private boolean open;
    private boolean early;

    /** Ends the wait for the client's reply, if we have closed. */
    private @Nullable Future<?> closing;

    private WebSocketBytes() {}

    /**
     * Turns a connection into a WebSocket by the answer that says so, which this takes over.
     *
     * @param early whether the client is known to have sent something before it heard the answer
     * @return what follows the frames that the client gets; or null if the client has done that (against RFC 6455
     *     section 4.1), because whoever reads it as HTTP would take it for another request: then nothing is written, and
     *     an answer of HTTP may follow, but no request
     */
    static @Nullable WebSocketFrames install(
            Channel channel, MessageWriter writer, FullHttpResponse answer, boolean early) {
        var bytes = new WebSocketBytes();
        var pipeline = channel.pipeline();
        pipeline.replace(HttpRequestDecoder.class, null, bytes); // which gives what it has kept of unread bytes
        if (early || bytes.early) {
            answer.release();
            pipeline.remove(bytes);
            return null;
        }
        writer.begin(answer, false);
        writer.flush();
        answer.release();
        writer.switched();
        bytes.open = true;
        return bytes.toClient;
    }

    @Override
    protected void bytesRead(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (!open) {
            early = true;
            bytes.release();
            return;
        }
        fromClient.read(bytes);
        super.bytesRead(ctx, bytes);
        if (closing != null && fromClient.closed()) {
            var _ = ctx.close();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (closing != null) {
            // Behind our own farewell nothing may follow.
            ReferenceCountUtil.release(message);
            promise.trySuccess();
            return;
        }
        if (open && message instanceof ByteBuf bytes) {
            toClient.read(bytes);
        }
        var _ = ctx.write(message, promise);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (closing != null
                || !toClient.between()
                || fromClient.closed()
                || !ctx.channel().isActive()) {
            var _ = ctx.close(promise);
            return;
        }
        if (!toClient.closed()) {
            var _ = ctx.writeAndFlush(WebSocketFrames.close(WebSocketFrames.GOING_AWAY), ctx.voidPromise());
        }
        closing = ctx.executor()
                .schedule(
                        () -> {
                            var _ = ctx.close();
                        },
                        REPLY_MILLIS,
                        TimeUnit.MILLISECONDS);
        ctx.channel().closeFuture().addListener(_ -> promise.trySuccess());
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (closing != null) {
            closing.cancel(false);
        }
        ctx.fireChannelInactive();
    }
}
