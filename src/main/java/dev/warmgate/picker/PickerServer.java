package dev.warmgate.picker;

import static io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING;

import dev.warmgate.door.Access;
import dev.warmgate.door.tls.DoorTls;
import dev.warmgate.door.tls.Protocol;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.picker.proto.ProcessingResponse;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.Router;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The listening endpoint picker. Any thread may call it, but none of its own event loops.
 */
public final class PickerServer implements AutoCloseable {
    /** The service that gateways call, and by which they ask for its health. */
    public static final String SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor";

    private static final MethodDescriptor<ProcessingRequest, ProcessingResponse> PROCESS =
            MethodDescriptor.<ProcessingRequest, ProcessingResponse>newBuilder()
                    .setType(BIDI_STREAMING)
                    .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Process"))
                    .setRequestMarshaller(ProtoUtils.marshaller(ProcessingRequest.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(ProcessingResponse.getDefaultInstance()))
                    .build();

    /** How often calls are looked after that wait for their gateway. */
    private static final Duration TICK = Duration.ofMillis(100);

    /** Pieces of bodies are at most a few tens of kilobytes; a gateway that buffers sends all at once. */
    private static final int MESSAGE_OVERHEAD = 1 << 20;

    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    private final PickerContext context;
    private final MultiThreadIoEventLoopGroup group;
    private final PickerHealth health;
    private final List<Server> servers;
    private final @Nullable DoorTls tls;

    private PickerServer(
            PickerContext context,
            MultiThreadIoEventLoopGroup group,
            PickerHealth health,
            List<Server> servers,
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
        var servers = new ArrayList<Server>();
        try {
            var door = builder(settings.listen(), group, epoll)
                    .maxInboundMessageSize(settings.maxBodyBytes() + MESSAGE_OVERHEAD)
                    .addService(processor(context))
                    .addService(health.service());
            if (tls != null) {
                door.sslContext(tls.asContext());
            }
            servers.add(start(door, settings.listen()));
            if (settings.health() != null) {
                servers.add(start(
                        builder(settings.health(), group, epoll).addService(health.service()), settings.health()));
            }
        } catch (UncheckedIOException e) {
            servers.forEach(Server::shutdownNow);
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            if (tls != null) {
                tls.close();
            }
            throw e;
        }
        var _ = group.scheduleWithFixedDelay(context::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        return new PickerServer(context, group, health, List.copyOf(servers), tls);
    }

    private static @Nullable DoorTls open(PickerTls wanted) {
        return switch (wanted) {
            case PickerTls.Off _ -> null;
            case PickerTls.SelfSigned _ -> DoorTls.selfSigned(Protocol.GRPC);
            case PickerTls.Given(var files) -> DoorTls.open(files, Protocol.GRPC);
        };
    }

    private static NettyServerBuilder builder(
            InetSocketAddress listen, MultiThreadIoEventLoopGroup group, boolean epoll) {
        return NettyServerBuilder.forAddress(listen)
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .channelType(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .directExecutor()
                .handshakeTimeout(HANDSHAKE.toSeconds(), TimeUnit.SECONDS)
                .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
    }

    private static ServerServiceDefinition processor(PickerContext context) {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(PROCESS, (call, _) -> {
                    var picker = new PickerCall(context, call);
                    picker.begin();
                    return new PickerListener(picker);
                })
                .build();
    }

    private static Server start(NettyServerBuilder builder, InetSocketAddress listen) {
        try {
            return builder.build().start();
        } catch (IOException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new UncheckedIOException(
                    new IOException("Cannot listen on " + listen + ": " + cause.getMessage(), cause));
        }
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
        return (InetSocketAddress) servers.getFirst().getListenSockets().getFirst();
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
        servers.getFirst().shutdown();
        try {
            return servers.getFirst().awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Closes everything at once; calls in flight are broken off. */
    @Override
    public void close() {
        try {
            for (var server : servers) {
                server.shutdownNow();
                server.awaitTermination(2, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (tls != null) {
            tls.close();
        }
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
