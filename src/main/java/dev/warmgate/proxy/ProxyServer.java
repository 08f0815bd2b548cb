package dev.warmgate.proxy;

import dev.warmgate.door.Access;
import dev.warmgate.door.Entropy;
import dev.warmgate.door.HeldObjects;
import dev.warmgate.proxy.front.Clients;
import dev.warmgate.proxy.front.FrontDoor;
import dev.warmgate.proxy.wire.FlushQueue;
import dev.warmgate.proxy.wire.Transport;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.Router;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * The listening front door. Any thread may call it, but none of its own event loops.
 */
public final class ProxyServer implements AutoCloseable {
    /** How long clients have to take the ends of their connections, when all else is done. */
    private static final Duration PARTING = Duration.ofSeconds(1);

    private final MultiThreadIoEventLoopGroup group;
    private final Map<EventLoop, Worker> workers;
    private final Traffic traffic;
    private final Clients clients;
    private final FrontDoor door;

    private ProxyServer(
            MultiThreadIoEventLoopGroup group,
            Map<EventLoop, Worker> workers,
            Traffic traffic,
            Clients clients,
            FrontDoor door) {
        this.group = group;
        this.workers = workers;
        this.traffic = traffic;
        this.clients = clients;
        this.door = door;
    }

    /** Starts listening, with plain connections to endpoints. */
    public static ProxyServer start(
            ProxySettings settings,
            Router router,
            Access access,
            long promptSecret,
            Models models,
            RequestObserver observer) {
        return start(settings, router, access, Outbound.DEFAULT, promptSecret, models, observer);
    }

    /**
     * Starts listening.
     *
     * @param access who may come in
     * @param outbound how to get to endpoints, and what they are told
     * @param promptSecret keys the prompt blocks' hashes; equal in all gateways that share a fleet
     * @param models what is answered to who asks for models
     * @param observer told about every request
     * @throws IllegalArgumentException if an endpoint's address cannot be connected to, or the files of TLS cannot be used
     * @throws UncheckedIOException if the address is taken or not ours
     */
    public static ProxyServer start(
            ProxySettings settings,
            Router router,
            Access access,
            Outbound outbound,
            long promptSecret,
            Models models,
            RequestObserver observer) {
        for (Pool pool : router.pools()) {
            for (Endpoint endpoint : pool.endpoints()) {
                UpstreamPool.check(endpoint.address());
            }
        }
        var transport = Transport.best();
        var group = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(), new DefaultThreadFactory("warmgate-proxy"), transport.newIoHandlers());
        var traffic = new Traffic(settings.retries(), new HeldObjects(promptSecret));
        var clients = new Clients();
        var resolver = new OffLoopResolver();
        var workers = new HashMap<EventLoop, Worker>();
        var flushes = new HashMap<EventLoop, FlushQueue>();
        group.forEach(executor -> {
            var loop = (EventLoop) executor;
            var queue = new FlushQueue(loop);
            flushes.put(loop, queue);
            var pool = new UpstreamPool(
                    loop, transport, queue, settings.upstreamIdleTimeout(), resolver, outbound.links());
            var random = new SplittableRandom(Entropy.nextLong());
            workers.put(
                    loop,
                    new Worker(
                            loop,
                            settings,
                            router,
                            access,
                            promptSecret,
                            models,
                            observer,
                            traffic,
                            clients,
                            outbound,
                            pool,
                            random));
        });
        try {
            var door = FrontDoor.open(settings.front(), group, transport, workers, flushes, clients, traffic::draining);
            return new ProxyServer(group, workers, traffic, clients, door);
        } catch (UncheckedIOException | IllegalArgumentException e) {
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** Returns the address that is listened on. */
    public InetSocketAddress address() {
        return door.address();
    }

    /**
     * Takes other settings and other rules about who may come in, for requests that begin from now on; those of the
     * front for connections, and the time that connections to engines may be unused for new ones of these.
     *
     * @param settings where it listens and the number of event loops stay as they are
     */
    public void update(ProxySettings settings, Access access, Outbound outbound) {
        traffic.retries().rules(settings.retries());
        door.update(settings.front());
        workers.values().forEach(worker -> worker.update(settings, access, outbound));
    }

    /** Returns requests begun and not ended. */
    public int inFlight() {
        return traffic.inFlight();
    }

    /** Returns the clients that there are, and how many connections were refused. */
    public Clients clients() {
        return clients;
    }

    /** Returns TLS handshakes of clients that failed. */
    public long failedHandshakes() {
        return door.failedHandshakes();
    }

    /** Returns how often changed files of TLS could not be used, so that the old ones were kept. */
    public long refusedTlsFiles() {
        return door.refusedFiles();
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
     * where an answer has not begun, and waits for them; then a little for clients that have yet to read what was written.
     * WebSockets are told to go when the limit has passed.
     *
     * @return whether all ended within the limit; the rest goes on until {@link #close}
     */
    public boolean drain(Duration limit) {
        traffic.startDraining();
        long end = System.nanoTime() + limit.toNanos();
        door.drain();
        try {
            if (!traffic.awaitNone(limit)) {
                door.goAway();
                var _ = traffic.awaitNone(PARTING);
                return false;
            }
            var left = Duration.ofNanos(end - System.nanoTime());
            clients.awaitNone(left.compareTo(PARTING) < 0 ? left : PARTING);
            return true;
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
        door.close();
        workers.values().forEach(worker -> worker.loop().execute(worker.pool()::closeIdle));
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
