package dev.warmgate.proxy.front;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.tls.DoorTls;
import dev.warmgate.door.tls.Protocol;
import dev.warmgate.proxy.wire.FlushQueue;
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
import org.jspecify.annotations.Nullable;

/** Where clients connect: listens, and keeps the connections. Any thread may call it, but no event loop. */
public final class FrontDoor {
    private static final int BACKLOG = 4096;

    private final Channel listening;
    private final @Nullable DoorTls tls;
    private final Map<EventLoop, Connections> connections;

    private FrontDoor(Channel listening, @Nullable DoorTls tls, Map<EventLoop, Connections> connections) {
        this.listening = listening;
        this.tls = tls;
        this.connections = connections;
    }

    /**
     * Starts listening.
     *
     * @param listeners what serves requests, for each event loop of the group
     * @param flushes what sends, for each event loop of the group
     * @param clients counts who is there
     * @param draining tells, on event loops, whether connections shall end after their requests
     * @throws IllegalArgumentException if the files of TLS cannot be used
     * @throws UncheckedIOException if the address is taken or not ours
     */
    public static FrontDoor open(
            FrontSettings settings,
            EventLoopGroup group,
            Transport transport,
            Map<EventLoop, ? extends ClientListener.Factory> listeners,
            Map<EventLoop, FlushQueue> flushes,
            Clients clients,
            BooleanSupplier draining) {
        var tls = settings.tls() == null ? null : DoorTls.open(settings.tls(), Protocol.HTTP);
        var connections = new HashMap<EventLoop, Connections>();
        listeners.forEach((loop, factory) -> connections.put(
                loop,
                new Connections(
                        loop, requireNonNull(flushes.get(loop), "flushes"), clients, settings, factory, draining)));
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
                        var limits = ofLoop.settings().limits();
                        boolean told = ofLoop.settings().proxyProtocol() == ProxyProtocol.REQUIRED;
                        if (!clients.accept(channel, limits) || !(told || clients.enter(channel, limits))) {
                            var _ = channel.close();
                            return;
                        }
                        if (told) {
                            ProxyHeader.await(ofLoop, channel);
                        }
                        if (tls != null) {
                            var limit = ofLoop.settings().headerReadTimeout();
                            channel.pipeline().addLast(tls.newHandler(channel.alloc(), limit));
                        }
                        channel.pipeline().addLast(new Opening(ofLoop, channel, tls));
                    }
                })
                .bind(settings.listen())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            if (tls != null) {
                tls.close();
            }
            throw new UncheckedIOException(new IOException("Cannot listen on " + settings.listen() + ": "
                    + bound.cause().getMessage()));
        }
        return new FrontDoor(bound.channel(), tls, connections);
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Takes other settings, from where it listens and TLS apart, for connections that begin from now on. */
    public void update(FrontSettings settings) {
        connections.forEach((loop, ofLoop) -> loop.execute(() -> ofLoop.update(settings)));
    }

    /** Stops accepting, and ends connections once no request is in flight on them. */
    public void drain() {
        listening.close().awaitUninterruptibly();
        connections.forEach((loop, ofLoop) -> loop.execute(ofLoop::drain));
    }

    /** Ends WebSockets, whose clients have a moment to hear it. */
    public void goAway() {
        connections.forEach((loop, ofLoop) -> loop.execute(ofLoop::goAway));
    }

    /** Returns TLS handshakes that failed. */
    public long failedHandshakes() {
        return tls == null ? 0 : tls.failedHandshakes();
    }

    /** Returns how often changed files of TLS could not be used, so that the old ones were kept. */
    public long refusedFiles() {
        return tls == null ? 0 : tls.refusedFiles();
    }

    /** Stops accepting, and closes all connections, whatever is in flight. */
    public void close() {
        listening.close().awaitUninterruptibly();
        if (tls != null) {
            tls.close();
        }
        connections.forEach((loop, ofLoop) -> loop.execute(ofLoop::close));
    }
}
