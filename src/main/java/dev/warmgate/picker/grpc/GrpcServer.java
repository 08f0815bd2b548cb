package dev.warmgate.picker.grpc;

import dev.warmgate.door.tls.DoorTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A listening gRPC server. Any thread may call it, but none of its own event loops. */
public final class GrpcServer implements AutoCloseable {
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);
    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(64 << 10, 256 << 10);

    private final Map<String, GrpcMethod> methods;
    private final int maxMessageBytes;
    private final Set<GrpcConnection> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch drained = new CountDownLatch(1);
    private final Channel listener;
    private volatile boolean drains;

    private GrpcServer(Map<String, GrpcMethod> methods, int maxMessageBytes, ServerBootstrap bootstrap, Where where) {
        this.methods = Map.copyOf(methods);
        this.maxMessageBytes = maxMessageBytes;
        bootstrap.childHandler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                if (where.tls != null) {
                    channel.pipeline().addLast(where.tls.newHandler(channel.alloc(), HANDSHAKE));
                }
                channel.pipeline().addLast(new GrpcConnection(GrpcServer.this, channel));
            }
        });
        var bound = bootstrap.bind(where.address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UncheckedIOException(new IOException(
                    "Cannot listen on " + where.address + ": " + bound.cause().getMessage(), bound.cause()));
        }
        listener = bound.channel();
    }

    /**
     * Where a server listens.
     *
     * @param tls what connections begin with; null for plain ones
     */
    public record Where(InetSocketAddress address, @Nullable DoorTls tls) {}

    /**
     * Starts listening.
     *
     * @param group where it runs, and stays running after it
     * @param sockets the group's kind of listening sockets
     * @param maxMessageBytes what a message may have
     * @param methods what can be called, by path: {@code /package.Service/Method}
     * @throws UncheckedIOException if the address is taken or not ours
     */
    public static GrpcServer start(
            Where where,
            EventLoopGroup group,
            Class<? extends ServerChannel> sockets,
            int maxMessageBytes,
            Map<String, GrpcMethod> methods) {
        var bootstrap = new ServerBootstrap()
                .group(group)
                .channel(sockets)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(2 << 10, 16 << 10, 64 << 10));
        return new GrpcServer(methods, maxMessageBytes, bootstrap, where);
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /**
     * Accepts no connections and calls any more, and waits for those that there are.
     *
     * @return whether all ended within the limit; the rest goes on until {@link #close}
     */
    public boolean drain(Duration limit) {
        drains = true;
        listener.close().awaitUninterruptibly();
        connections.forEach(GrpcConnection::drain);
        return emptied(limit);
    }

    /** Closes everything at once; calls in flight are cancelled. */
    @Override
    public void close() {
        drains = true;
        listener.close().awaitUninterruptibly();
        connections.forEach(GrpcConnection::close);
        emptied(CLOSING);
    }

    private boolean emptied(Duration limit) {
        if (connections.isEmpty()) {
            return true;
        }
        try {
            return drained.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    // ---- For connections.

    boolean drains() {
        return drains;
    }

    int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Nullable
    GrpcMethod method(String path) {
        return methods.get(path);
    }

    void opened(GrpcConnection connection) {
        connections.add(connection);
    }

    void closed(GrpcConnection connection) {
        connections.remove(connection);
        if (drains && connections.isEmpty()) {
            drained.countDown();
        }
    }
}
