package dev.warmgate.proxy;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.proxy.wire.FlushQueue;
import dev.warmgate.proxy.wire.HeadBytes;
import dev.warmgate.proxy.wire.MessageWriter;
import dev.warmgate.proxy.wire.Transport;
import dev.warmgate.proxy.wire.head.HeadReader;
import dev.warmgate.router.Endpoint;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * One event loop's connections to the engines.
 *
 * <p>The connection used last is used first: the others grow idle and are closed. Nothing bounds the number of
 * connections but the number of requests in flight.
 */
final class UpstreamPool {
    private final EventLoop loop;
    private final Transport transport;
    private final OffLoopResolver resolver;
    private final EngineLinks links;
    private final Map<Endpoint, Lane> lanes = new HashMap<>();
    private final HeadBytes headBytes = new HeadBytes();
    private final FlushQueue flushes;
    private final HeadReader headReader = new HeadReader();
    private Duration idleTimeout;

    UpstreamPool(
            EventLoop loop,
            Transport transport,
            FlushQueue flushes,
            Duration idleTimeout,
            OffLoopResolver resolver,
            EngineLinks links) {
        this.loop = loop;
        this.flushes = flushes;
        this.transport = transport;
        this.idleTimeout = idleTimeout;
        this.resolver = resolver;
        this.links = links;
    }

    /** Checks that an endpoint's address can be connected to, by {@link IllegalArgumentException} if not. */
    static void check(URI address) {
        var _ = new Lane("", address, EngineLinks.plain().of("", ""));
    }

    /**
     * Returns a connection for one exchange: a waiting one, ready at once, or a new one, which will tell the listener.
     *
     * @param pool the name of the endpoint's pool
     * @param fresh never a waiting one
     * @param http1 one of HTTP/1.1, whatever is configured
     */
    Upstream acquire(String pool, Endpoint endpoint, UpstreamListener listener, boolean fresh, boolean http1) {
        var lane = lane(pool, endpoint);
        if (lane.http2() && !http1) {
            var stream = new UpstreamStream(this, lane, loop, listener, !fresh);
            place(lane, stream);
            return stream;
        }
        var waiting = fresh ? null : lane.idle().pollLast();
        if (waiting != null) {
            waiting.reuse(listener);
            return waiting;
        }
        return connect(lane, listener);
    }

    /** Returns a new connection to an endpoint that was used before, to see whether it takes one. */
    Upstream connect(Endpoint endpoint, UpstreamListener listener) {
        var lane = lanes.get(endpoint);
        return connect(lane == null ? lane("", endpoint) : lane, listener);
    }

    private Lane lane(String pool, Endpoint endpoint) {
        var link = links.of(pool, endpoint.name());
        var lane = lanes.get(endpoint);
        if (lane == null || lane.link() != link) {
            lanes.entrySet()
                    .removeIf(entry -> entry.getKey().state() == Endpoint.State.GONE
                            && entry.getValue().isIdle());
            if (lane != null) {
                lane.retire();
            }
            lane = new Lane(endpoint.name(), endpoint.address(), link);
            lanes.put(endpoint, lane);
        }
        return lane;
    }

    /** Changes how long connections made from now on may be unused. */
    void idleTimeout(Duration time) {
        idleTimeout = time;
    }

    /** Puts a stream onto a connection that has room, or onto a new one. */
    void place(Lane lane, UpstreamStream stream) {
        for (var carrier : lane.carriers()) {
            if (carrier.hasRoom()) {
                stream.join(carrier);
                return;
            }
        }
        var carrier = new UpstreamCarrier(lane, loop, flushes, idleTimeout);
        lane.carriers().add(carrier);
        carrier.connecting(connect(lane, carrier.initializer()));
        stream.join(carrier);
    }

    private UpstreamConnection connect(Lane lane, UpstreamListener listener) {
        var connection = new UpstreamConnection(this, lane, loop, idleTimeout, listener);
        connection.connecting(connect(lane, connection.initializer()));
        return connection;
    }

    private ChannelFuture connect(Lane lane, ChannelHandler initializer) {
        return new Bootstrap()
                .group(loop)
                .channel(transport.socket())
                .resolver(resolver)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, Transport.READS)
                // Whoever waits has one deadline for look-up and connection together.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(initializer)
                .connect(lane.address());
    }

    /** Returns what writes to a connection. */
    MessageWriter writer(Channel channel) {
        return new MessageWriter(channel, headBytes, flushes);
    }

    /** Returns what is told whenever a connection has been read. */
    FlushQueue flushes() {
        return flushes;
    }

    /** Returns what the connections read plain headers by. */
    HeadReader headReader() {
        return headReader;
    }

    void add(Lane lane, UpstreamConnection connection) {
        lane.idle().addLast(connection);
    }

    void remove(Lane lane, UpstreamConnection connection) {
        lane.idle().remove(connection);
    }

    /** Closes the connections that wait. */
    void closeIdle() {
        lanes.values().forEach(Lane::closeIdle);
    }
}
