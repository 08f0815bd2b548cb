package dev.warmgate.benchmarks.rig;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Clients with connections that are kept. With a rate, requests are due at random moments that do not depend on the
 * answers (Poisson arrivals), and a request's latency counts from the moment it was due, also while it waited for a
 * connection: a slow server cannot slow its own load down. Without one, every connection sends as fast as it is answered.
 */
final class Driver {
    /**
     * @param connections how many there are; more requests than that are not in flight
     * @param rate requests a second, or 0 for as many as are answered
     * @param duration how long requests are sent; then answers are waited for
     * @param spread over how long the connections begin, without a rate
     */
    record Plan(int connections, double rate, Duration duration, Duration spread) {}

    /**
     * @param statuses answers by status; 0 for connections that broke while an answer was due
     * @param unanswered requests that were sent and had no answer when waiting ended
     * @param due requests that were due; some were never sent where there are too few connections
     */
    record Result(
            TreeMap<Integer, Long> statuses,
            long unanswered,
            long due,
            long events,
            double seconds,
            Histogram latency) {
        long good() {
            return statuses.getOrDefault(200, 0L);
        }

        long bad() {
            return statuses.values().stream().mapToLong(Long::longValue).sum() - good() + unanswered;
        }
    }

    /** How long answers may take after the last request: longer than a gateway lets one wait for room. */
    private static final Duration PATIENCE = Duration.ofSeconds(75);

    private final EventLoop loop;
    private final int port;
    private final Bodies bodies;
    private final boolean countEvents;
    private final Plan plan;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Client> clients = new ArrayList<>();
    private final ArrayDeque<Client> idle = new ArrayDeque<>();
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private final CompletableFuture<Result> done = new CompletableFuture<>();
    private final TreeMap<Integer, Long> statuses = new TreeMap<>();
    private final Histogram latency = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);

    private long began;
    private long ends;
    private double next;
    private long due;
    private long answered;
    private long events;
    private boolean over;

    Driver(EventLoop loop, int port, Bodies bodies, boolean countEvents, Plan plan) {
        this.loop = loop;
        this.port = port;
        this.bodies = bodies;
        this.countEvents = countEvents;
        this.plan = plan;
    }

    /** Opens all connections; from another thread. */
    void connect() {
        for (int i = 0; i < plan.connections; i++) {
            var client = new Client();
            clients.add(client);
            client.connect().syncUninterruptibly();
        }
    }

    /** Sends requests as planned and waits for the answers; from another thread. */
    Result run() {
        loop.execute(this::begin);
        return done.join();
    }

    /** Closes the connections; from another thread. */
    void close() {
        loop.submit(() -> {
                    over = true;
                    clients.forEach(Client::close);
                })
                .syncUninterruptibly();
    }

    /** Returns the histogram of latencies, which goes on; on the event loop. */
    Histogram latency() {
        return latency;
    }

    private void begin() {
        began = System.nanoTime();
        ends = began + plan.duration.toNanos();
        if (plan.rate > 0) {
            idle.addAll(clients);
            next = began;
            tick();
        } else {
            for (Client client : clients) {
                long at = (long) (random.nextDouble() * plan.spread.toNanos());
                var _ = loop.schedule(() -> sendNow(client), at, TimeUnit.NANOSECONDS);
            }
        }
        var _ = loop.schedule(this::stopped, plan.duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void sendNow(Client client) {
        long now = System.nanoTime();
        if (now - ends < 0) {
            due++;
            client.send(now);
        }
    }

    /** Sends what is due. */
    private void tick() {
        long now = System.nanoTime();
        while (next <= now && next < ends) {
            due++;
            var client = idle.poll();
            if (client == null) {
                waiting.add((long) next);
            } else {
                client.send((long) next);
            }
            next += -Math.log(1 - random.nextDouble()) * 1e9 / plan.rate;
        }
        if (next < ends) {
            var _ = loop.schedule(this::tick, (long) (next - now), TimeUnit.NANOSECONDS);
        }
    }

    private void stopped() {
        if (open() == 0) {
            finish();
        } else {
            var _ = loop.schedule(this::finish, PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Returns requests that were sent and are not answered. */
    private long open() {
        return due - answered - waiting.size();
    }

    private void finish() {
        if (!done.isDone()) {
            double seconds = (System.nanoTime() - began) / 1e9;
            done.complete(new Result(statuses, open(), due, events, seconds, latency));
        }
    }

    private void answered(Client client, long intended, int status) {
        long now = System.nanoTime();
        answered++;
        statuses.merge(status, 1L, Long::sum);
        if (status == 200) {
            latency.recordValue(Math.min(now - intended, latency.getHighestTrackableValue()));
        }
        if (status != 0) {
            goOn(client);
        }
        if (now - ends >= 0 && open() == 0) {
            finish();
        }
    }

    private void goOn(Client client) {
        if (plan.rate > 0) {
            // What was never sent by the end never will be: there were too few connections for it.
            var first = System.nanoTime() - ends < 0 ? waiting.poll() : null;
            if (first != null) {
                client.send(first);
            } else {
                idle.add(client);
            }
        } else {
            sendNow(client);
        }
    }

    /** One connection. */
    private final class Client extends ChannelInboundHandlerAdapter implements HttpScan.Listener {
        private HttpScan scan = new HttpScan(countEvents, this);
        private Channel channel;
        private boolean busy;
        private long intended;
        private int eventsBefore;

        private ChannelFuture connect() {
            return new Bootstrap()
                    .group(loop)
                    .channel(EpollSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel made) {
                            channel = made;
                            made.pipeline().addLast(Client.this);
                        }
                    })
                    .connect("127.0.0.1", port);
        }

        private void send(long due) {
            busy = true;
            intended = due;
            bodies.write(channel);
        }

        private void close() {
            channel.close();
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var bytes = (ByteBuf) message;
            try {
                scan.read(bytes);
                events += scan.events() - eventsBefore;
                eventsBefore = scan.events();
            } finally {
                bytes.release();
            }
        }

        @Override
        public void message() {
            busy = false;
            answered(this, intended, Integer.parseInt(scan.start().substring(9, 12)));
        }

        /** A server may close a connection after an answer; the next request gets a new one. */
        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (over) {
                return;
            }
            boolean broke = busy;
            busy = false;
            idle.remove(this);
            scan = new HttpScan(countEvents, this);
            eventsBefore = 0;
            connect().addListener(made -> {
                if (made.isSuccess()) {
                    goOn(this);
                }
            });
            if (broke) {
                answered(this, intended, 0);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
