package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.engine.link.TlsFault;
import dev.warmgate.proxy.wire.Deadline;
import dev.warmgate.proxy.wire.Faults;
import dev.warmgate.proxy.wire.FlushQueue;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 connection to an engine (RFC 9113), which carries many exchanges at once as streams.
 *
 * <pre>
 *   CONNECTING ──SETTINGS came──▶ OPEN ──GOAWAY, silence, retired──▶ LEAVING ──last stream ended──▶ CLOSED
 *        └─────────────────────────┴──────────────── lost ─────────────┴──────────────────────────▶ CLOSED
 * </pre>
 *
 * The engine's SETTINGS are awaited before the first stream: they say how many it takes at once, and that it speaks
 * HTTP/2 at all. Its answers may fill the window of their own streams only: the connection's window is as large as it can
 * be, so that one slow client does not stop the others.
 */
final class UpstreamCarrier extends ChannelInboundHandlerAdapter {
    private enum State {
        CONNECTING,
        OPEN,
        LEAVING,
        CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamCarrier.class);

    private static final String ALPN_NAME = "h2";
    private static final int STREAM_WINDOW = 256 << 10;
    private static final int MAX_HEADER_BYTES = 128 << 10;

    /** Streams that are opened on one connection at most, whatever the engine allows. */
    private static final int MOST_STREAMS = 1_000;

    /** How long an engine may be silent after a PING. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Lane lane;
    private final EventLoop loop;
    private final FlushQueue flushes;
    private final Duration idleTimeout;
    private final Deadline deadline;
    private final Set<UpstreamStream> streams = new HashSet<>();

    private State state = State.CONNECTING;
    private int limit = MOST_STREAMS;
    private boolean doubted;
    private long lastRead;
    private @Nullable Channel channel;
    private @Nullable Http2StreamChannelBootstrap opener;

    UpstreamCarrier(Lane lane, EventLoop loop, FlushQueue flushes, Duration idleTimeout) {
        this.lane = lane;
        this.loop = loop;
        this.flushes = flushes;
        this.idleTimeout = idleTimeout;
        this.deadline = new Deadline(loop, this::deadlinePassed);
    }

    ChannelHandler initializer() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel ch) {
                if (lane.secure()) {
                    ch.pipeline().addLast(lane.newTls(ALPN_NAME));
                }
                ch.pipeline().addLast(codec(), new Http2MultiplexHandler(new Unasked()), UpstreamCarrier.this);
            }
        };
    }

    private static Http2FrameCodec codec() {
        var settings = Http2Settings.defaultSettings()
                .pushEnabled(false)
                .initialWindowSize(STREAM_WINDOW)
                .maxHeaderListSize(MAX_HEADER_BYTES);
        return Http2FrameCodecBuilder.forClient()
                .initialSettings(settings)
                .gracefulShutdownTimeoutMillis(0)
                // Keys must not be guessable by how well they compress (RFC 7541 section 7.1).
                .headerSensitivityDetector((name, value) -> Credentials.isOne(name))
                .build();
    }

    void connecting(ChannelFuture future) {
        channel = future.channel();
        future.addListener(this::connectDone);
    }

    private void connectDone(Future<?> done) {
        var tls = done.isSuccess() ? channel().pipeline().get(SslHandler.class) : null;
        if (tls != null) {
            tls.handshakeFuture().addListener(shaken -> shaken(tls, shaken));
        } else if (!done.isSuccess()) {
            lost();
        }
    }

    private void shaken(SslHandler tls, Future<?> shaken) {
        if (!shaken.isSuccess()) {
            if (state == State.CONNECTING) {
                lane.link().failed(lane.endpoint(), shaken.cause());
            }
            lost();
        } else if (!ALPN_NAME.equals(tls.engine().getApplicationProtocol())) {
            lane.link().failed(lane.endpoint(), TlsFault.NO_HTTP2);
            lost();
        }
    }

    /** Returns whether one more stream can be opened, now or once the connection is there. */
    boolean hasRoom() {
        return (state == State.OPEN || state == State.CONNECTING) && streams.size() < limit;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isIdle() {
        return streams.isEmpty();
    }

    /** Takes a stream on; opens it at once or when the connection is there. */
    void take(UpstreamStream stream) {
        streams.add(stream);
        if (state == State.OPEN) {
            if (!doubted) {
                deadline.clear();
            }
            stream.open(requireNonNull(opener));
        }
    }

    /** Lets a stream go that ended, or was ended. */
    void drop(UpstreamStream stream) {
        if (streams.remove(stream) && streams.isEmpty() && state != State.CLOSED) {
            if (state == State.LEAVING || lane.retired()) {
                close();
            } else if (!doubted) {
                deadline.in(idleTimeout);
            }
        }
    }

    /**
     * Hears that a stream was given up on which nothing came. If nothing came on the whole connection either, it is asked
     * for a sign of life, and gets no new streams until there is one.
     */
    void doubt(long openedAt) {
        if (state == State.OPEN && !doubted && lastRead - openedAt < 0) {
            doubted = true;
            state = State.LEAVING;
            var _ = channel().writeAndFlush(new DefaultHttp2PingFrame(openedAt));
            deadline.in(PATIENCE);
        }
    }

    private void deadlinePassed() {
        if (doubted || streams.isEmpty()) {
            close();
        }
    }

    void close() {
        if (state == State.CLOSED) {
            return;
        }
        lost();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            switch (message) {
                case Http2SettingsFrame frame -> settings(frame.settings());
                case Http2GoAwayFrame _ -> leave();
                default -> {} // PING and its answer, and what need not be understood
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void settings(Http2Settings settings) {
        Long streamsAtOnce = settings.maxConcurrentStreams();
        if (streamsAtOnce != null) {
            limit = (int) Math.min(MOST_STREAMS, streamsAtOnce);
        }
        if (state == State.CONNECTING) {
            widen();
            state = State.OPEN;
            opener = new Http2StreamChannelBootstrap(channel());
            int room = limit;
            for (UpstreamStream waiting : new ArrayList<>(streams)) {
                if (room-- > 0) {
                    waiting.open(opener);
                } else {
                    waiting.moveOn();
                }
            }
            if (streams.isEmpty()) {
                deadline.in(idleTimeout);
            }
        }
    }

    private void widen() {
        var connection = channel().pipeline().get(Http2FrameCodec.class).connection();
        try {
            var window = connection.local().flowController();
            window.incrementWindowSize(
                    connection.connectionStream(),
                    Integer.MAX_VALUE - window.windowSize(connection.connectionStream()));
        } catch (Http2Exception e) {
            throw new IllegalStateException("the connection's window", e);
        }
    }

    /** The engine takes no more streams; those it never saw are told by their own channels. */
    private void leave() {
        if (state == State.OPEN || state == State.CONNECTING) {
            state = State.LEAVING;
            if (streams.isEmpty()) {
                close();
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        lastRead = loop.ticker().nanoTime();
        if (doubted) {
            doubted = false;
            deadline.clear();
            if (state == State.LEAVING) {
                state = State.OPEN;
            }
            if (streams.isEmpty()) {
                deadline.in(idleTimeout);
            }
        }
        ctx.flush();
        flushes.readComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lost();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (state == State.CONNECTING && cause instanceof Http2Exception) {
            lane.link().failed(lane.endpoint(), TlsFault.NO_HTTP2);
        } else if (!Faults.ofPeer(cause) && !(cause instanceof Http2Exception)) {
            LOG.warn("A connection to an engine broke by our own fault; it was closed", cause);
        }
        lost();
    }

    /** Ends the connection; the streams on it hear of it from their channels, those without one from here. */
    private void lost() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        deadline.cancel();
        lane.carriers().remove(this);
        var left = new ArrayList<>(streams);
        if (channel().isRegistered()) {
            var _ = channel().close();
        }
        left.forEach(UpstreamStream::carrierLost);
    }

    private Channel channel() {
        return requireNonNull(channel, "channel");
    }

    /** Streams of the engine's making, which it was told not to make. */
    @Sharable
    private static final class Unasked extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            var _ = ctx.close();
        }
    }
}
