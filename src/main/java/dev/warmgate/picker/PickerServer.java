package dev.warmgate.picker;

import dev.warmgate.door.Access;
import dev.warmgate.door.tls.DoorTls;
import dev.warmgate.door.tls.Protocol;
import dev.warmgate.picker.grpc.GrpcServer;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.Router;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The listening endpoint picker. Any thread may call it, but none of its own event loops.
 */
public final class PickerServer implements AutoCloseable {
    /** The service that gateways call, and by which they ask for its health. */
    public static final String SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor";

    private static final String PROCESS = "/" + SERVICE + "/Process";

    /** Pieces of bodies are at most a few tens of kilobytes; a gateway that buffers sends all at once. */
    private static final int MESSAGE_OVERHEAD = 1 << 20;

    /** What a probe may say. */
    private static final int PROBE = 4 << 10;

    private final PickerContext context;
    private final MultiThreadIoEventLoopGroup group;
    private final PickerHealth health;
    private final List<GrpcServer> servers;
    private final @Nullable DoorTls tls;

    private PickerServer(
            PickerContext context,
            MultiThreadIoEventLoopGroup group,
            PickerHealth health,
            List<GrpcServer> servers,
            @Nullable DoorTls tls) {
        this.context = context;
        this.group = group;
        this.health = health;
        this.servers = servers;
        this.tls = tls;
    }

    /**
     * Starts listening; probes are told that it is not ready until {@link #ready}.
     *
     * @param access who may come in
     * @param promptSecret keys the prompt blocks' hashes; equal in all pickers and gateways that share a fleet
     * @param observer told about every request
     * @throws IllegalArgumentException if the files of TLS cannot be used
     * @throws UncheckedIOException if the address is taken or not ours
     */
    public static PickerServer start(
            PickerSettings settings, Router router, Access access, long promptSecret, RequestObserver observer) {
        var tls = open(settings.tls());
        boolean epoll = Epoll.isAvailable();
        var group = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(),
                new DefaultThreadFactory("warmgate-picker"),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        var context = new PickerContext(
                settings,
                router,
                access,
                promptSecret,
                observer,
                group,
                epoll ? EpollSocketChannel.class : NioSocketChannel.class);
        var health = new PickerHealth();
        var servers = new ArrayList<GrpcServer>();
        Class<? extends ServerChannel> sockets = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        var methods = new HashMap<>(health.methods());
        methods.put(PROCESS, stream -> new PickerCall(context, stream));
        try {
            servers.add(GrpcServer.start(
                    new GrpcServer.Where(settings.listen(), tls),
                    group,
                    sockets,
                    settings.maxBodyBytes() + MESSAGE_OVERHEAD,
                    methods));
            if (settings.health() != null) {
                servers.add(GrpcServer.start(
                        new GrpcServer.Where(settings.health(), null), group, sockets, PROBE, health.methods()));
            }
        } catch (UncheckedIOException e) {
            servers.forEach(GrpcServer::close);
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            if (tls != null) {
                tls.close();
            }
            throw e;
        }
        return new PickerServer(context, group, health, List.copyOf(servers), tls);
    }

    private static @Nullable DoorTls open(PickerTls wanted) {
        return switch (wanted) {
            case PickerTls.Off _ -> null;
            case PickerTls.SelfSigned _ -> DoorTls.selfSigned(Protocol.GRPC);
            case PickerTls.Given(var files) -> DoorTls.open(files, Protocol.GRPC);
        };
    }

    /** Tells probes whether requests are wanted. */
    public void ready(boolean ready) {
        health.ready(ready);
    }

    /** Takes other settings and rules for calls that begin from now on; addresses, threads and message sizes stay. */
    public void update(PickerSettings settings, Access access) {
        context.conditions(new PickerContext.Conditions(settings, access));
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return servers.getFirst().address();
    }

    /** Returns how often changed files of TLS could not be used, so that the old ones were kept. */
    public long refusedTlsFiles() {
        return tls == null ? 0 : tls.refusedFiles();
    }

    /** Returns calls begun and not ended. */
    public int inFlight() {
        return context.openCalls();
    }

    /**
     * Stops accepting calls, tells probes so, and waits for those in flight.
     *
     * @return whether all ended within the limit; the rest goes on until {@link #close}
     */
    public boolean drain(Duration limit) {
        health.ready(false);
        return servers.getFirst().drain(limit);
    }

    /** Closes everything at once; calls in flight are broken off. */
    @Override
    public void close() {
        servers.forEach(GrpcServer::close);
        if (tls != null) {
            tls.close();
        }
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
