package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.Access;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.Router;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The listening front door. Any thread may call it, but none of its own event loops.
 */
public final class ProxyServer implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final int LARGEST_PIECE = 1 << 20;

    /**
     * Requests that a client may send ahead. A client is not read while its requests wait, so this only bounds what one
     * read of 64 KiB may be decoded into; with ordinary headers it holds fewer.
     */
    private static final int PIPELINE_DEPTH = 512;

    private final MultiThreadIoEventLoopGroup group;
    private final Map<EventLoop, Worker> workers;
    private final Traffic traffic;
    private final Channel listening;

    private ProxyServer(
            MultiThreadIoEventLoopGroup group, Map<EventLoop, Worker> workers, Traffic traffic, Channel listening) {
        this.group = group;
        this.workers = workers;
        this.traffic = traffic;
        this.listening = listening;
    }

    /**
     * Starts listening.
     *
     * @param access who may come in
     * @param promptSecret keys the prompt blocks' hashes; equal in all gateways that share a fleet
     * @param modelList the answer to {@code GET /v1/models}; called on event loops, must not block
     * @param observer told about every request
     * @throws IllegalArgumentException if an endpoint's address cannot be connected to
     * @throws UncheckedIOException if the address is taken or not ours
     */
    public static ProxyServer start(
            ProxySettings settings,
            Router router,
            Access access,
            long promptSecret,
            Supplier<byte[]> modelList,
            RequestObserver observer) {
        for (Pool pool : router.pools()) {
            for (Endpoint endpoint : pool.endpoints()) {
                UpstreamPool.check(endpoint.address());
            }
        }
        var transport = Transport.best();
        var group = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(), new DefaultThreadFactory("warmgate-proxy"), transport.newIoHandlers());
        var traffic = new Traffic(settings.retries());
        var resolver = new OffLoopResolver();
        var seeds = new SecureRandom();
        var workers = new HashMap<EventLoop, Worker>();
        group.forEach(executor -> {
            var loop = (EventLoop) executor;
            var pool = new UpstreamPool(loop, transport, settings.upstreamIdleTimeout(), resolver);
            var random = new SplittableRandom(seeds.nextLong());
            workers.put(
                    loop,
                    new Worker(
                            loop, settings, router, access, promptSecret, modelList, observer, traffic, pool, random));
        });
        var bound = new ServerBootstrap()
                .group(group)
                .channel(transport.serverSocket())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new Pipeline(workers))
                .bind(settings.listen())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new UncheckedIOException(new IOException("Cannot listen on " + settings.listen() + ": "
                    + bound.cause().getMessage()));
        }
        return new ProxyServer(group, workers, traffic, bound.channel());
    }

    /** Strict reading: what is ambiguous is refused, because the next party might read it otherwise. */
    private static HttpDecoderConfig decoding(ProxySettings settings) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(settings.maxHeaderBytes())
                .setMaxHeaderSize(settings.maxHeaderBytes())
                .setMaxChunkSize(LARGEST_PIECE)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    private static final class Pipeline extends ChannelInitializer<Channel> {
        private final Map<EventLoop, Worker> workers;

        Pipeline(Map<EventLoop, Worker> workers) {
            this.workers = workers;
        }

        @Override
        protected void initChannel(Channel channel) {
            var worker = requireNonNull(workers.get(channel.eventLoop()), "worker");
            channel.pipeline()
                    .addLast(
                            new HttpServerCodec(decoding(worker.settings()), PIPELINE_DEPTH),
                            new FrontHandler(worker, channel));
        }
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /**
     * Takes other settings and other rules about who may come in, for requests that begin from now on; the limit of header
     * bytes for connections, and the time that connections to engines may be unused for new ones of these.
     *
     * @param settings where it listens and the number of event loops stay as they are
     */
    public void update(ProxySettings settings, Access access) {
        traffic.retries().rules(settings.retries());
        workers.values().forEach(worker -> worker.update(settings, access));
    }

    /** Returns requests begun and not ended. */
    public int inFlight() {
        return traffic.inFlight();
    }

    /** Returns further attempts that were refused because too many requests were on one. */
    public long retriesRefused() {
        return traffic.retries().refused();
    }

    /** Returns requests that are on a further attempt now. */
    public int retrying() {
        return traffic.retries().taken();
    }

    /** Returns requests ever begun. */
    long begun() {
        return traffic.begun();
    }

    /**
     * Stops accepting, closes idle client connections, lets requests in flight finish, with {@code Connection: close}
     * where an answer has not begun, and waits for them.
     *
     * @return whether all ended within the limit; the rest goes on until {@link #close}
     */
    public boolean drain(Duration limit) {
        traffic.startDraining();
        listening.close().awaitUninterruptibly();
        workers.values().forEach(worker -> worker.loop().execute(worker::closeIdle));
        try {
            return traffic.awaitNone(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Closes everything at once; requests in flight are broken off. */
    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        traffic.startDraining();
        listening.close().awaitUninterruptibly();
        workers.values().forEach(worker -> worker.loop().execute(worker::closeAll));
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
