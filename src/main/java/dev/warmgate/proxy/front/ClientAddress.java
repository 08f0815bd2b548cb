package dev.warmgate.proxy.front;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Where a client connection comes from: what a load balancer before us told of it, else the other end of the socket. */
public final class ClientAddress {
    private static final AttributeKey<InetSocketAddress> TOLD = AttributeKey.valueOf(ClientAddress.class, "told");

    private ClientAddress() {}

    /** Returns the address of a connection's client, or null if the connection is gone already. */
    public static @Nullable SocketAddress of(Channel connection) {
        var told = connection.attr(TOLD).get();
        return told == null ? connection.remoteAddress() : told;
    }

    static void told(Channel connection, InetSocketAddress address) {
        connection.attr(TOLD).set(address);
    }
}
