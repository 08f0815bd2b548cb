package dev.warmgate.proxy.front;

import static java.util.Objects.requireNonNull;

import dev.warmgate.proxy.wire.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Where clients connect: listens, and keeps the connections. Any thread may call it, but no event loop. */
public final class FrontDoor {
    private static final int BACKLOG = 4096;

    private final Channel listening;
    private final Map<EventLoop, Connections> connections;

    private FrontDoor(Channel listening, Map<EventLoop, Connections> connections) {
        this.listening = listening;
        this.connections = connections;
    }

    /**
     * Starts listening.
     *
     * @param listeners what serves requests, for each event loop of the group
     * @param draining tells, on event loops, whether connections shall end after their requests
     * @throws UncheckedIOException if the address is taken or not ours
     */
    public static FrontDoor open(
            FrontSettings settings,
            EventLoopGroup group,
            Transport transport,
            Map<EventLoop, ? extends ClientListener.Factory> listeners,
            BooleanSupplier draining) {
        var connections = new HashMap<EventLoop, Connections>();
        listeners.forEach((loop, factory) -> connections.put(loop, new Connections(loop, settings, factory, draining)));
        var bound = new ServerBootstrap()
                .group(group)
                .channel(transport.serverSocket())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        var ofLoop = requireNonNull(connections.get(channel.eventLoop()), "connections");
                        channel.pipeline().addLast(new Opening(ofLoop, channel));
                    }
                })
                .bind(settings.listen())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UncheckedIOException(new IOException("Cannot listen on " + settings.listen() + ": "
                    + bound.cause().getMessage()));
        }
        return new FrontDoor(bound.channel(), connections);
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Takes other settings, from where it listens apart, for connections that begin from now on. */
    public void update(FrontSettings settings) {
        connections.forEach((loop, ofLoop) -> loop.execute(() -> ofLoop.update(settings)));
    }

    /** Stops accepting, and ends connections once no request is in flight on them. */
    public void drain() {
        listening.close().awaitUninterruptibly();
        connections.forEach((loop, ofLoop) -> loop.execute(ofLoop::drain));
    }

    /** Stops accepting, and closes all connections, whatever is in flight. */
    public void close() {
        listening.close().awaitUninterruptibly();
        connections.forEach((loop, ofLoop) -> loop.execute(ofLoop::close));
    }
}
