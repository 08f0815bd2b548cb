package dev.warmgate.proxy.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * Takes the place of what decodes HTTP on a connection that has switched to another protocol: bytes come through as content.
 * Confined to the connection's event loop.
 */
public class RawBytes extends ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            bytesRead(ctx, bytes);
        } else {
            ReferenceCountUtil.release(message); // the end of the header's message, which the codec still told
        }
    }

    /** Takes bytes over that came. */
    protected void bytesRead(ChannelHandlerContext ctx, ByteBuf bytes) {
        ctx.fireChannelRead(new DefaultHttpContent(bytes));
    }
}
