package dev.warmgate.proxy.front;

import dev.warmgate.door.tls.DoorTls;
import dev.warmgate.proxy.wire.Deadline;
import dev.warmgate.proxy.wire.Faults;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client connection of which it is not yet known what it speaks. With TLS the handshake settles it (ALPN); without,
 * HTTP/2 begins with bytes of its own (RFC 9113 section 3.3), and everything else is HTTP/1.1. Then it makes way for the
 * connection proper.
 */
final class Opening extends ByteToMessageDecoder implements ClientConnection {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final Connections connections;
    private final Channel channel;
    private final @Nullable DoorTls tls;
    private final ReadSizes reads;
    private final Deadline deadline;
    private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();

    Opening(Connections connections, Channel channel, @Nullable DoorTls tls) {
        this.connections = connections;
        this.channel = channel;
        this.tls = tls;
        this.reads = ReadSizes.install(channel);
        this.deadline = new Deadline(connections.loop(), this::close);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        connections.add(this);
        deadline.in(connections.settings().headerReadTimeout());
        if (connections.draining()) {
            close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && tls != null) {
            if (handshake.isSuccess()) {
                var handler = ctx.pipeline().get(SslHandler.class);
                if (ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
                    Http2Connection.install(connections, channel);
                } else {
                    Http1Connection.install(connections, channel, reads);
                }
                ctx.pipeline().remove(this);
            } else {
                tls.handshakeFailed();
            }
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int length = Math.min(in.readableBytes(), preface.readableBytes());
        if (!ByteBufUtil.equals(in, in.readerIndex(), preface, preface.readerIndex(), length)) {
            Http1Connection.install(connections, channel, reads);
            ctx.pipeline().remove(this);
        } else if (length == preface.readableBytes()) {
            Http2Connection.install(connections, channel);
            ctx.pipeline().remove(this);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        preface.release();
        deadline.cancel();
        connections.remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!Faults.ofPeer(cause)) {
            LOG.warn("A client connection broke by our own fault; it was closed", cause);
        }
        close();
    }

    @Override
    public void drain() {
        close();
    }

    @Override
    public void close() {
        var _ = channel.close();
    }
}
