package dev.warmgate.proxy;

import dev.warmgate.proxy.front.ClientAddress;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a client connection, as engines are told. Found once for each connection.
 *
 * @param address IPv4 or IPv6 address without port and brackets
 * @param scheme {@code http} or {@code https}
 * @param trusted whether what it says about its own client is believed
 * @param steers whether its headers for gateways and sidecars are passed on
 */
record Peer(String address, String scheme, boolean trusted, boolean steers) {
    /** What stands for an address that is not known (RFC 7239 section 6.2). */
    private static final String UNKNOWN = "unknown";

    private static final AttributeKey<Peer> ATTRIBUTE = AttributeKey.valueOf(Peer.class, "peer");

    /** Returns who is at the other end of a connection, or of the connection that a stream is part of. */
    static Peer of(Channel channel, Outbound outbound) {
        var connection = connection(channel);
        var known = connection.attr(ATTRIBUTE);
        var peer = known.get();
        if (peer == null) {
            peer = find(connection, outbound);
            known.set(peer);
        }
        return peer;
    }

    /** Returns the address, or null if it is not known. */
    @Nullable
    String known() {
        return address.equals(UNKNOWN) ? null : address;
    }

    /** Returns the connection that a channel is, or that the stream is part of. */
    static Channel connection(Channel channel) {
        return channel.parent() instanceof SocketChannel carrier ? carrier : channel;
    }

    private static Peer find(Channel connection, Outbound outbound) {
        String scheme = connection.pipeline().get(SslHandler.class) == null ? "http" : "https";
        if (!(ClientAddress.of(connection) instanceof InetSocketAddress remote) || remote.getAddress() == null) {
            return new Peer(UNKNOWN, scheme, false, false); // gone already
        }
        var address = remote.getAddress();
        boolean trusted = outbound.trusted() || Subnet.anyContains(outbound.trustedProxies(), address);
        return new Peer(NetUtil.toAddressString(address), scheme, trusted, outbound.trusted());
    }
}
