package dev.warmgate.proxy.front;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The clients that there are, with their connections and requests; see {@link ClientLimits} for what a client is. One is
 * forgotten when nothing holds it any more, so there are never more than connections and requests together. Any thread;
 * a request on a connection of its client touches that client's counter and nothing else.
 */
public final class Clients {
    private static final AttributeKey<Client> ATTRIBUTE = AttributeKey.valueOf(Clients.class, "client");

    private static final long IPV4 = 0x0000_ffff_0000_0000L;

    private final ConcurrentHashMap<Long, Client> known = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder refused = new LongAdder();
    private final LongAdder refusedOfClients = new LongAdder();
    private final LongAdder headersRefused = new LongAdder();

    /** One client. */
    public static final class Client {
        private final Long key;
        private final AtomicInteger connections = new AtomicInteger();
        private final AtomicInteger requests = new AtomicInteger();

        /** Connections, and requests without one, that know this; changed only under the map's lock of the key. */
        private int holders;

        private Client(Long key) {
            this.key = key;
        }

        /** Counts a request, which has to {@link #end}; returns false, and counts none, if there are so many already. */
        public boolean begin(int most) {
            return take(requests, most);
        }

        /** A counted request ended. */
        public void end() {
            requests.decrementAndGet();
        }
    }

    /** Returns the client at the other end of a connection, or of a stream's, or null if it is exempt. */
    public static @Nullable Client of(Channel channel) {
        var own = channel.attr(ATTRIBUTE).get();
        return own == null && channel.parent() != null
                ? channel.parent().attr(ATTRIBUTE).get()
                : own;
    }

    /** Counts a connection of whomever until it ends; returns false if there is no room for it. */
    boolean accept(Channel channel, ClientLimits limits) {
        if (!take(connections, limits.connections())) {
            refused.increment();
            return false;
        }
        channel.closeFuture().addListener(_ -> {
            if (connections.decrementAndGet() == 0) {
                synchronized (this) {
                    notifyAll();
                }
            }
        });
        return true;
    }

    /** Waits until there is no connection any more, or the limit passed. */
    public synchronized void awaitNone(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (long left = limit.toNanos(); left > 0 && connections.get() > 0; left = end - System.nanoTime()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    /** Counts a connection as that of the client at its other end; returns false if that has too many. */
    boolean enter(Channel channel, ClientLimits limits) {
        if (!(ClientAddress.of(channel) instanceof InetSocketAddress remote)
                || remote.getAddress() == null
                || limits.exempt().test(remote.getAddress())) {
            return true;
        }
        var client = hold(remote.getAddress());
        if (!take(client.connections, limits.connectionsPerClient())) {
            refusedOfClients.increment();
            letGo(client);
            return false;
        }
        channel.attr(ATTRIBUTE).set(client);
        channel.closeFuture().addListener(_ -> {
            client.connections.decrementAndGet();
            letGo(client);
        });
        return true;
    }

    /** Returns the client of an address, which has to be {@linkplain #letGo let go}. */
    public Client hold(InetAddress address) {
        return known.compute(key(address), (key, there) -> {
            var client = there == null ? new Client(key) : there;
            client.holders++;
            return client;
        });
    }

    /** Undoes a {@link #hold}. */
    public void letGo(Client client) {
        var _ = known.computeIfPresent(client.key, (_, there) -> --there.holders == 0 ? null : there);
    }

    /** Returns connections that there are. */
    public int connections() {
        return connections.get();
    }

    /** Returns how many connections were closed at once because there were too many in all. */
    public long refused() {
        return refused.sum();
    }

    /** Returns how many connections were closed at once because their client had too many. */
    public long refusedOfClients() {
        return refusedOfClients.sum();
    }

    void headerRefused() {
        headersRefused.increment();
    }

    /** Returns how many connections were closed because the PROXY protocol's header did not come, or was broken. */
    public long headersRefused() {
        return headersRefused.sum();
    }

    /** Returns clients that are known now. */
    int known() {
        return known.size();
    }

    private static boolean take(AtomicInteger count, int most) {
        if (count.incrementAndGet() <= most) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }

    /** IPv4 addresses stand where no IPv6 address in use begins alike. */
    private static Long key(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == Integer.BYTES
                ? IPV4 | Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt())
                : ByteBuffer.wrap(bytes).getLong();
    }
}
