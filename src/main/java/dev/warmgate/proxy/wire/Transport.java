package dev.warmgate.proxy.wire;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** The kind of sockets: Linux's epoll where its native library loads, else the JDK's own. */
public enum Transport {
    EPOLL(EpollSocketChannel.class, EpollServerSocketChannel.class),
    NIO(NioSocketChannel.class, NioServerSocketChannel.class);

    /**
     * Connections that are looked at before what was written for them leaves ({@link FlushQueue}), if that does not take too
     * long: the more, the cheaper.
     */
    private static final int MOST_READY = 32;

    /** What is read at a time at least, in bytes: headers and events come whole where less would cut them. */
    private static final int LEAST_READ = 4 << 10;

    /** What is read at a time at most, in bytes. */
    public static final int MOST_READ = 64 << 10;

    /** How much of a connection is read at a time: about what came the times before. */
    public static final RecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(LEAST_READ, LEAST_READ, MOST_READ);

    private final Class<? extends SocketChannel> socket;
    private final Class<? extends ServerSocketChannel> serverSocket;

    Transport(Class<? extends SocketChannel> socket, Class<? extends ServerSocketChannel> serverSocket) {
        this.socket = socket;
        this.serverSocket = serverSocket;
    }

    /** Returns the fastest kind that this machine has. */
    public static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Returns what makes an event loop's part that waits for sockets of this kind. */
    public IoHandlerFactory newIoHandlers() {
        return switch (this) {
            case EPOLL -> EpollIoHandler.newFactory(MOST_READY, DefaultSelectStrategyFactory.INSTANCE);
            case NIO -> NioIoHandler.newFactory();
        };
    }

    /** Returns the class of connections. */
    public Class<? extends SocketChannel> socket() {
        return socket;
    }

    /** Returns the class of listening sockets. */
    public Class<? extends ServerSocketChannel> serverSocket() {
        return serverSocket;
    }
}
