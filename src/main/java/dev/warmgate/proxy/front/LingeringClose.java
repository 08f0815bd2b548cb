package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;

/**
 * Closes a connection so that the client gets what was written last: first only our sending side, then, when the client
 * closes too, the rest. What it still sends meanwhile is dropped unread.
 *
 * <p>A socket that is closed with unread bytes, or that gets some later, answers with a reset, at which the client's kernel
 * throws away what the client has not read yet. With HTTP/2 that is everyday life, because a client that reads opens windows.
 *
 * <p>Stands before the codec, whose close it holds back. Bounded in time and bytes; behind either the connection is closed
 * at once. Confined to the connection's event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {
    /** How long a client may take to close its side. */
    static final Duration LIMIT = Duration.ofSeconds(5);

    private final Deadline deadline;
    private final long bytes;
    private boolean lingering;
    private long dropped;

    /**
     * Creates one for a connection.
     *
     * @param bytes what the client may still send
     */
    LingeringClose(Connections connections, Channel channel, long bytes) {
        this.deadline = new Deadline(connections.loop(), () -> now(channel));
        this.bytes = bytes;
    }

    /** Puts it before whatever reads a connection's bytes, behind TLS. */
    void install(Channel channel) {
        var tls = channel.pipeline().context(SslHandler.class);
        var _ = tls == null
                ? channel.pipeline().addFirst(this)
                : channel.pipeline().addAfter(tls.name(), null, this);
    }

    /** Closes a connection at once. */
    static void now(Channel channel) {
        var own = channel.pipeline().context(LingeringClose.class);
        var _ = own == null ? channel.close() : own.close();
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        var channel = ctx.channel();
        if (!channel.isActive()) {
            var _ = ctx.close(promise);
            return;
        }
        channel.closeFuture().addListener(_ -> promise.trySuccess());
        if (lingering) {
            return; // the codec closes twice after a mistake of the client's
        }
        lingering = true;
        deadline.in(LIMIT);
        var tls = ctx.pipeline().get(SslHandler.class);
        if (tls == null) {
            shutdownOutput(channel);
        } else {
            tls.closeOutbound().addListener(_ -> shutdownOutput(channel));
        }
        channel.config().setAutoRead(true);
    }

    private static void shutdownOutput(Channel channel) {
        var _ = ((DuplexChannel) channel).shutdownOutput();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!lingering) {
            ctx.fireChannelRead(message);
            return;
        }
        dropped += message instanceof ByteBuf read ? read.readableBytes() : 0;
        ReferenceCountUtil.release(message);
        if (dropped > bytes) {
            var _ = ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        deadline.cancel();
        ctx.fireChannelInactive();
    }
}
