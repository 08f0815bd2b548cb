package dev.warmgate.proxy;

import dev.warmgate.proxy.wire.Transport;
import dev.warmgate.router.Endpoint;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
    private final Map<Endpoint, Lane> lanes = new HashMap<>();
    private Duration idleTimeout;

    UpstreamPool(EventLoop loop, Transport transport, Duration idleTimeout, OffLoopResolver resolver) {
        this.loop = loop;
        this.transport = transport;
        this.idleTimeout = idleTimeout;
        this.resolver = resolver;
    }

    /** The way to one endpoint: its address in the forms that are needed, and the connections that wait. */
    static final class Lane {
        private final InetSocketAddress address;
        private final String authority;
        private final String pathPrefix;
        private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
        private boolean refusesUsageQuestion;
        private long refusesUntil;

        private Lane(URI base) {
            int port = base.getPort() < 0 ? 80 : base.getPort();
            String host = base.getHost();
            if (!"http".equals(base.getScheme()) || host == null) {
                throw new IllegalArgumentException(
                        "address: " + base + " (expected: an http URL, for example http://127.0.0.1:8000)");
            }
            String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
            boolean literal = NetUtil.isValidIpV4Address(bare) || NetUtil.isValidIpV6Address(bare);
            this.address = literal ? new InetSocketAddress(bare, port) : InetSocketAddress.createUnresolved(bare, port);
            this.authority = base.getRawAuthority();
            String path = base.getRawPath() == null ? "" : base.getRawPath();
            this.pathPrefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        }

        /** Returns what goes into the Host field. */
        String authority() {
            return authority;
        }

        /** Returns what stands before the path of each request, often nothing. */
        String pathPrefix() {
            return pathPrefix;
        }

        /** Returns whether the engine may be asked for usage in streams; one that refused it is spared for a while. */
        boolean takesUsageQuestion(long now) {
            return !refusesUsageQuestion || now - refusesUntil >= 0;
        }

        /** Notes that the engine refuses requests that ask for usage. */
        void refusesUsageQuestion(long until) {
            refusesUsageQuestion = true;
            refusesUntil = until;
        }
    }

    /** Checks that an endpoint's address can be connected to, by {@link IllegalArgumentException} if not. */
    static void check(URI address) {
        var _ = new Lane(address);
    }

    /**
     * Returns a connection for one exchange: a waiting one, ready at once, or a new one, which will tell the listener.
     *
     * @param fresh never a waiting one
     */
    UpstreamConnection acquire(Endpoint endpoint, UpstreamListener listener, boolean fresh) {
        var lane = lane(endpoint);
        var waiting = fresh ? null : lane.idle.pollLast();
        if (waiting != null) {
            waiting.reuse(listener);
            return waiting;
        }
        return connect(lane, listener);
    }

    private Lane lane(Endpoint endpoint) {
        var lane = lanes.get(endpoint);
        if (lane == null) {
            lanes.entrySet()
                    .removeIf(entry -> entry.getKey().state() == Endpoint.State.GONE
                            && entry.getValue().idle.isEmpty());
            lane = new Lane(endpoint.address());
            lanes.put(endpoint, lane);
        }
        return lane;
    }

    /** Changes how long connections made from now on may be unused. */
    void idleTimeout(Duration time) {
        idleTimeout = time;
    }

    private UpstreamConnection connect(Lane lane, UpstreamListener listener) {
        var connection = new UpstreamConnection(this, lane, loop, idleTimeout, listener);
        var future = new Bootstrap()
                .group(loop)
                .channel(transport.socket())
                .resolver(resolver)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                // Whoever waits has one deadline for look-up and connection together.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(connection.initializer())
                .connect(lane.address);
        connection.connecting(future);
        return connection;
    }

    void add(Lane lane, UpstreamConnection connection) {
        lane.idle.addLast(connection);
    }

    void remove(Lane lane, UpstreamConnection connection) {
        lane.idle.remove(connection);
    }

    /** Closes the connections that wait. */
    void closeIdle() {
        for (Lane lane : lanes.values()) {
            @Nullable UpstreamConnection connection;
            while ((connection = lane.idle.pollLast()) != null) {
                connection.abort();
            }
        }
    }
}
