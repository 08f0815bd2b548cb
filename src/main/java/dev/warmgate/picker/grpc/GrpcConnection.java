package dev.warmgate.picker.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway's connection from its beginning to its end. Confined to its event loop, but for {@link #drain} and {@link #close}. */
final class GrpcConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcConnection.class);

    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration PREFACE = Duration.ofSeconds(10);

    /** How long one that made a mistake has for reading what it is told about it. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** A gateway that is silent for so long is asked whether it is there, and has as long again. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private static final long ALIVE = 0x5761726D67617465L;

    private final GrpcServer server;
    private final Channel channel;
    private final Outbox outbox;
    private final Session session;
    private final FrameReader frames;
    private @Nullable Future<?> ticks;
    private boolean over;
    private long heardAt;
    private boolean asked;

    GrpcConnection(GrpcServer server, Channel channel) {
        this.server = server;
        this.channel = channel;
        this.outbox = new Outbox(channel);
        this.session = new Session(this, server, outbox);
        this.frames = new FrameReader(session);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        heardAt = System.nanoTime();
        server.opened(this);
        ticks = channel.eventLoop()
                .scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var data = (ByteBuf) message;
        outbox.collect();
        try {
            if (!over) {
                heardAt = System.nanoTime();
                asked = false;
                frames.read(data);
            }
        } catch (ProtocolError e) {
            LOG.debug("Ended the connection of {}: {}", channel.remoteAddress(), e.why());
            Frames.goAway(outbox.out(), session.lastStream(), e.code(), e.why());
            end();
        } finally {
            data.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        outbox.send();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean takes = channel.isWritable();
        channel.config().setAutoRead(takes);
        if (takes) {
            session.readOn();
            outbox.send();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over = true;
        frames.release();
        if (ticks != null) {
            ticks.cancel(false);
        }
        session.gone();
        outbox.release();
        server.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.debug("The connection of {} failed", channel.remoteAddress(), cause);
        }
        close();
    }

    private void tick() {
        long now = System.nanoTime();
        long silent = now - heardAt;
        if (over || !frames.prefaced()) {
            if (silent > (over ? LINGER : PREFACE).toNanos()) {
                close();
            }
            return;
        }
        outbox.collect();
        if (silent > 2 * SILENCE.toNanos()) {
            close();
        } else if (silent > SILENCE.toNanos() && !asked) {
            asked = true;
            Frames.ping(outbox.out(), ALIVE, 0);
        }
        session.streams().forEach(stream -> stream.tick(now));
        outbox.send();
    }

    /** Sends what was said and ends: the other side closes, or is closed after a while. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        // Closed at once, the socket could take back what was not read yet.
        outbox.sendLast().addListener((ChannelFuture written) -> {
            if (written.isSuccess() && channel instanceof DuplexChannel socket) {
                var _ = socket.shutdownOutput();
            } else {
                close();
            }
        });
    }

    /** Lets the gateway begin no more streams, and ends when those that there are have ended. Any thread. */
    void drain() {
        outbox.execute(() -> {
            if (!frames.prefaced()) {
                close();
            } else if (!over) {
                session.leave();
            }
        });
    }

    /** Closes at once; calls are cancelled. Any thread. */
    void close() {
        var _ = channel.close();
    }
}
