package dev.warmgate.proxy.front;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Awaits the PROXY protocol's header, version 1 or 2, before anything else on a connection, and takes from it where the
 * connection comes from. A connection of the load balancer's own (LOCAL, UNKNOWN), such as a health check, and one from no
 * IP address keeps that of its socket. Makes way once the header is there.
 *
 * <p>The time for it is part of that for a request's header: {@link Opening} closes when that has passed.
 */
final class ProxyHeader extends ChannelDuplexHandler {
    /** What a header of version 2 may hold besides addresses; load balancers send some hundred bytes. */
    private static final int MOST_MORE_BYTES = 4 << 10;

    private final Connections connections;
    private boolean over;

    private ProxyHeader(Connections connections) {
        this.connections = connections;
    }

    /** Makes a connection begin with the header. */
    static void await(Connections connections, Channel channel) {
        channel.pipeline().addLast(new HAProxyMessageDecoder(MOST_MORE_BYTES), new ProxyHeader(connections));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HAProxyMessage header)) {
            ctx.fireChannelRead(message);
            return;
        }
        over = true;
        InetSocketAddress source;
        try {
            source = source(header);
        } finally {
            header.release();
        }
        if (source != null) {
            ClientAddress.told(ctx.channel(), source);
        }
        if (connections.clients().enter(ctx.channel(), connections.settings().limits())) {
            ctx.pipeline().remove(this);
        } else {
            var _ = ctx.close();
        }
    }

    private static @Nullable InetSocketAddress source(HAProxyMessage header) {
        var family = header.proxiedProtocol().addressFamily();
        boolean ip = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
        if (header.command() == HAProxyCommand.LOCAL || !ip) {
            return null;
        }
        var address = NetUtil.createInetAddressFromIpAddressString(header.sourceAddress());
        return address == null ? null : new InetSocketAddress(address, header.sourcePort());
    }

    /** The header is none, or broken. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        refused();
        var _ = ctx.close();
    }

    /** We close: the header did not come in time. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (!connections.draining()) {
            refused();
        }
        var _ = ctx.close(promise);
    }

    private void refused() {
        if (!over) {
            over = true;
            connections.clients().headerRefused();
        }
    }
}
