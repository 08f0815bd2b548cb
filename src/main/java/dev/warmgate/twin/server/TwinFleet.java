package dev.warmgate.twin.server;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running fleet of simulated model servers, all in this process. */
public final class TwinFleet implements AutoCloseable {
    private final EventLoopGroup group;
    private final List<TwinReplica> replicas;

    private TwinFleet(EventLoopGroup group, List<TwinReplica> replicas) {
        this.group = group;
        this.replicas = replicas;
    }

    /**
     * Starts a fleet; all its ports are open when this returns.
     *
     * @throws IOException if a port is taken; then none stays open
     */
    public static TwinFleet start(TwinSettings settings) throws IOException {
        boolean epoll = Epoll.isAvailable();
        var group = new MultiThreadIoEventLoopGroup(
                Math.min(settings.eventLoops(), settings.replicas()),
                new DefaultThreadFactory("twin", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        Class<? extends ServerChannel> channelType =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        var routes = new Routes(settings, InstantSource.system());
        var loops = new ArrayList<ReplicaLoop>();
        for (int i = 0; i < Math.min(settings.eventLoops(), settings.replicas()); i++) {
            loops.add(new ReplicaLoop(group.next(), System::nanoTime));
        }
        var replicas = new ArrayList<TwinReplica>();
        for (int i = 0; i < settings.replicas(); i++) {
            replicas.add(new TwinReplica(i, settings, loops.get(i % loops.size()), channelType, routes));
        }
        var fleet = new TwinFleet(group, List.copyOf(replicas));
        boolean started = false;
        try {
            for (TwinReplica replica : replicas) {
                replica.bind();
            }
            started = true;
            return fleet;
        } finally {
            if (!started) {
                fleet.close();
            }
        }
    }

    /** Returns the replicas in the order of their ports. */
    public List<TwinReplica> replicas() {
        return replicas;
    }

    /** Returns one replica. */
    public TwinReplica replica(int index) {
        return replicas.get(index);
    }

    /** Closes all ports and connections and ends the fleet's threads. */
    @Override
    public void close() {
        replicas.forEach(TwinReplica::kill);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Override
    public String toString() {
        return "TwinFleet" + replicas;
    }
}
