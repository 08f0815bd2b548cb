package dev.warmgate.twin.server;

import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.fault.Fault;
import dev.warmgate.twin.fault.FaultDice;
import dev.warmgate.twin.fault.FaultPlan;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handle of one simulated model server: where it listens, what it does, and faults to order.
 *
 * <p>Public methods may be called from any thread but the fleet's event loops, and have taken effect when they return.
 */
public final class TwinReplica {
    private static final Logger LOG = LoggerFactory.getLogger(TwinReplica.class);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final int index;
    private final TwinSettings settings;
    private final ReplicaLoop loop;
    private final Class<? extends ServerChannel> channelType;
    private final Routes routes;

    /** Written by each bind, read by any thread; after the first bind always the same. */
    private volatile InetSocketAddress address;

    // From here on confined to the loop.
    private final Set<ReplicaConnection> connections = new LinkedHashSet<>();
    private final List<Exchange> dirty = new ArrayList<>();
    private final ArrayDeque<Integer> failures = new ArrayDeque<>();
    private ReplicaEngine engine;
    private @Nullable Channel listener;
    private long clockOrigin;
    private long modelNow;
    private boolean stalled;
    private long stalledSince;
    private int resetAfter = -1;
    private FaultDice faults;
    private @Nullable Future<?> comingBack;
    private int deaths;
    private BiConsumer<String, Fault> witness = (_, _) -> {};
    private Given given = new Given();

    TwinReplica(
            int index,
            TwinSettings settings,
            ReplicaLoop loop,
            Class<? extends ServerChannel> channelType,
            Routes routes) {
        this.index = index;
        this.settings = settings;
        this.loop = loop;
        this.channelType = channelType;
        this.routes = routes;
        engine = new ReplicaEngine(settings.profile());
        faults = new FaultDice(settings.faults(), index);
        clockOrigin = loop.nanoTime();
        address = new InetSocketAddress(settings.host(), settings.port() == 0 ? 0 : settings.port() + index);
        loop.add(this);
    }

    /** Starts listening. */
    void bind() throws IOException {
        var binding = listen().awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException("cannot listen on " + settings.host() + ":" + address.getPort(), binding.cause());
        }
        Channel bound = binding.channel();
        address = (InetSocketAddress) bound.localAddress();
        onLoop(() -> listener = bound);
    }

    private ChannelFuture listen() {
        return new ServerBootstrap()
                .group(loop.eventLoop(), loop.eventLoop())
                .channel(channelType)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpRequestDecoder(
                                        new HttpDecoderConfig().setMaxHeaderSize(MAX_HEADER_BYTES)))
                                .addLast(new ReplicaConnection(TwinReplica.this, channel));
                    }
                })
                .bind(address);
    }

    /** Returns the replica's number in its fleet, from 0. */
    public int index() {
        return index;
    }

    /** Returns where it listens; the same after a restart. */
    public InetSocketAddress address() {
        return address;
    }

    /** Returns its base URL, {@code http://host:port}. */
    public URI url() {
        return URI.create("http://" + settings.host() + ":" + address.getPort());
    }

    /** Returns its counters of this moment. */
    public ReplicaStats stats() {
        return onLoop(() -> {
            catchUp();
            return new ReplicaStats(engine.stats(), connections.size(), listener != null);
        });
    }

    /** Closes the listening socket and every connection, as when the process dies. The cache is lost. */
    public void kill() {
        Channel closing = onLoop(() -> die(ReplicaConnection::close));
        if (closing != null) {
            closing.close().syncUninterruptibly();
        }
    }

    /** Ends everything but the listening socket, which is returned if it is open. */
    private @Nullable Channel die(Consumer<ReplicaConnection> ending) {
        Channel open = listener;
        listener = null;
        deaths++;
        if (comingBack != null) {
            comingBack.cancel(false);
            comingBack = null;
        }
        for (var connection : List.copyOf(connections)) {
            String request = connection.answering();
            if (request != null) {
                witness.accept(request, Fault.VANISH);
            }
            ending.accept(connection);
        }
        engine = new ReplicaEngine(settings.profile());
        dirty.clear();
        stalled = false;
        clockOrigin = loop.nanoTime();
        modelNow = 0;
        given = new Given();
        return open;
    }

    /** Dies with all connections reset, and listens again after the planned time with an empty cache. */
    void vanish() {
        // The port first: who is reset and comes again at once must not be let in.
        var closing = listener == null ? null : listener.close();
        var _ = die(ReplicaConnection::reset);
        if (closing != null) {
            var _ = closing.addListener(_ -> comeBackIn(faults.plan().vanishTime()));
        }
    }

    private void comeBackIn(Duration time) {
        comingBack = loop.eventLoop().schedule(this::comeBack, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void comeBack() {
        int before = deaths;
        var _ = listen().addListener((ChannelFuture binding) -> {
            if (deaths != before) {
                var _ = binding.channel().close(); // killed or restarted meanwhile
            } else if (binding.isSuccess()) {
                comingBack = null;
                listener = binding.channel();
            } else {
                LOG.warn(
                        "{} could not listen again, and tries once more: {}",
                        this,
                        binding.cause().toString());
                comeBackIn(SOON);
            }
        });
    }

    /**
     * Starts listening on the same port again, after {@link #kill}, with an empty cache.
     *
     * @throws IOException if the port was taken meanwhile
     */
    public void restart() throws IOException {
        if (onLoop(() -> listener != null)) {
            kill();
        }
        bind();
    }

    /**
     * Stops or continues all work. A stalled replica accepts connections and requests and answers nothing, health checks
     * included; its model time stands still. Requests that came meanwhile are answered when it goes on.
     */
    public void stall(boolean on) {
        onLoop(() -> {
            if (on && !stalled) {
                catchUp();
                stalled = true;
                stalledSince = loop.nanoTime();
            } else if (!on && stalled) {
                stalled = false;
                clockOrigin += loop.nanoTime() - stalledSince;
                List.copyOf(connections).forEach(ReplicaConnection::resume);
                changed();
            }
            return true;
        });
    }

    /**
     * Lets the next inference request end in a TCP reset.
     *
     * @param events output events after which it happens, in an answer that is streamed; 0 for no byte at all, in any
     *     answer
     */
    public void resetAfter(int events) {
        onLoop(() -> resetAfter = events);
    }

    /**
     * Lets one more inference request fail; calls add up.
     *
     * @param status the HTTP status it gets, 400 to 599
     */
    public void failNext(int status) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 400 to 599)");
        }
        onLoop(() -> failures.add(status));
    }

    /** Lets other faults happen from now on, with fresh dice. */
    public void faults(FaultPlan plan) {
        onLoop(() -> {
            plan(plan);
            return true;
        });
    }

    /**
     * Lets somebody know which request met which fault: called on an event loop with the request's {@code X-Request-Id}, also
     * for each one that is being answered when the server dies. Requests without an id are not told of.
     */
    public void witness(BiConsumer<String, Fault> told) {
        onLoop(() -> witness = told);
    }

    /** Returns how often each fault of the present plan has happened; those that never did are missing. */
    public Map<Fault, Long> faultsHappened() {
        return onLoop(() -> faults.happened());
    }

    @Override
    public String toString() {
        return "TwinReplica[" + index + " at " + address + "]";
    }

    private <T extends @Nullable Object> T onLoop(Callable<T> action) {
        return loop.eventLoop().submit(action).syncUninterruptibly().getNow();
    }

    ReplicaLoop loop() {
        return loop;
    }

    TwinSettings settings() {
        return settings;
    }

    ReplicaEngine engine() {
        return engine;
    }

    boolean stalled() {
        return stalled;
    }

    void opened(ReplicaConnection connection) {
        connections.add(connection);
    }

    void closed(ReplicaConnection connection) {
        connections.remove(connection);
    }

    void answer(HttpCall call, ReplicaConnection connection) {
        routes.answer(this, call, connection);
    }

    /** Returns the status that a test ordered for this request, or 0. */
    int orderedFailure() {
        Integer status = failures.poll();
        return status == null ? 0 : status;
    }

    /** Returns what goes wrong with this request: what a test ordered, else what the dice say; null for nothing. */
    @Nullable
    Cut cut(HttpCall call, boolean stream) {
        if (resetAfter == 0 || (resetAfter > 0 && stream)) {
            var ordered = new Cut(resetAfter == 0 ? Fault.RESET_BEFORE : Fault.RESET_MID, resetAfter);
            resetAfter = -1;
            return ordered;
        }
        String poison = faults.plan().poison();
        if (poison != null && call.contains(poison)) {
            return new Cut(faults.count(Fault.VANISH), 0);
        }
        Fault drawn = faults.at(Fault.Moment.REQUEST);
        String request = call.requestId();
        if (drawn != null && request != null) {
            witness.accept(request, drawn);
        }
        return drawn == null ? null : new Cut(drawn, 1 + faults.below(Cut.MOST_EVENTS));
    }

    FaultDice faults() {
        return faults;
    }

    /** Lets other faults happen; on the loop. */
    void plan(FaultPlan plan) {
        faults = new FaultDice(plan, index);
    }

    /** Returns what has been answered since the process began. */
    Given given() {
        return given;
    }

    /** Returns nanoseconds of model time since the replica started; stands still while it is stalled. */
    long modelNow() {
        long now = stalled ? stalledSince : loop.nanoTime();
        modelNow = Math.max(modelNow, (long) ((now - clockOrigin) * settings.speedUp()));
        return modelNow;
    }

    /** The engine has something new to do. */
    void changed() {
        loop.changed();
    }

    void dirty(Exchange exchange) {
        dirty.add(exchange);
    }

    /** Lets the engine do what is due, and sends what it generated. */
    void catchUp() {
        if (stalled) {
            return;
        }
        engine.advance(modelNow());
        // Sending may close a connection, whose abort lets the engine catch up further: the list may grow meanwhile.
        for (int i = 0; i < dirty.size(); i++) {
            dirty.get(i).renderDirty();
        }
        dirty.clear();
    }

    /** Returns the real nanoseconds until something happens here; {@link Long#MAX_VALUE} if nothing will. */
    long nextEventIn() {
        long at = engine.nextEventAt();
        if (stalled || at == ReplicaEngine.NEVER) {
            return Long.MAX_VALUE;
        }
        return Math.max(0, (long) Math.ceil((at - modelNow()) / settings.speedUp()));
    }
}
