package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.proxy.wire.Deadline;
import dev.warmgate.proxy.wire.Faults;
import dev.warmgate.proxy.wire.MessageWriter;
import dev.warmgate.proxy.wire.RawBytes;
import dev.warmgate.proxy.wire.head.AnswerDecoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to an engine, serving one exchange after another.
 *
 * <pre>
 *   CONNECTING ──connected──▶ BUSY ──last byte of the answer──▶ ANSWERED ──read complete──▶ IDLE ──reuse──▶ BUSY
 *        └─────────────────────┴────────────── lost, aborted ─────┴─────────────────────────┴──▶ CLOSED
 * </pre>
 *
 * ANSWERED waits for the end of the read: bytes behind the answer belong to nobody, and a connection that carries such
 * bytes must not meet another request.
 */
final class UpstreamConnection extends ChannelInboundHandlerAdapter implements Upstream {
    private enum State {
        CONNECTING,
        BUSY,
        ANSWERED,
        IDLE,
        CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

    private final UpstreamPool pool;
    private final EventLoop loop;
    private final Lane lane;
    private final Duration idleTimeout;
    private final Deadline idleDeadline;

    private State state = State.CONNECTING;
    private @Nullable UpstreamListener listener;
    private @Nullable Channel channel;
    private @Nullable MessageWriter writer;
    private final AnswerDecoder decoder;

    private int exchanges = 1;
    private boolean headSeen;
    private boolean informational;
    private boolean reusable;
    private boolean upgradable;

    // What the engine said about keeping this connection.
    private @Nullable String keepAliveText;
    private Duration idleLimit;
    private int exchangeLimit = Integer.MAX_VALUE;

    UpstreamConnection(UpstreamPool pool, Lane lane, EventLoop loop, Duration idleTimeout, UpstreamListener listener) {
        this.pool = pool;
        this.lane = lane;
        this.idleTimeout = idleTimeout;
        this.idleLimit = idleTimeout;
        this.listener = listener;
        this.loop = loop;
        this.decoder = new AnswerDecoder(pool.headReader());
        this.idleDeadline = new Deadline(loop, this::abort);
    }

    ChannelHandler initializer() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel ch) {
                if (lane.secure()) {
                    ch.pipeline().addLast(lane.newTls());
                }
                ch.pipeline().addLast(decoder, UpstreamConnection.this);
            }
        };
    }

    void connecting(ChannelFuture future) {
        channel = future.channel();
        writer = pool.writer(channel);
        if (future.isDone()) {
            // Never from within the call that asked for the connection.
            loop.execute(() -> future.addListener(this::connectDone));
        } else {
            future.addListener(this::connectDone);
        }
    }

    private void connectDone(Future<?> done) {
        var tls = done.isSuccess() ? channel().pipeline().get(SslHandler.class) : null;
        if (tls == null) {
            ready(done);
        } else {
            tls.handshakeFuture().addListener(shaken -> {
                if (!shaken.isSuccess() && state == State.CONNECTING) {
                    lane.link().failed(lane.endpoint(), shaken.cause());
                }
                ready(shaken);
            });
        }
    }

    private void ready(Future<?> done) {
        if (state != State.CONNECTING) {
            return;
        }
        if (done.isSuccess()) {
            state = State.BUSY;
            try {
                owner().connected();
            } catch (RuntimeException e) {
                broken(e);
            }
        } else {
            var told = owner();
            abort();
            told.connectFailed();
        }
    }

    @Override
    public Lane lane() {
        return lane;
    }

    @Override
    public boolean takesUsageQuestion() {
        return lane.takesUsageQuestion(loop.ticker().nanoTime());
    }

    @Override
    public boolean isConnected() {
        return state == State.BUSY;
    }

    @Override
    public boolean isWritable() {
        return channel().isWritable();
    }

    @Override
    public void write(Object message) {
        if (message instanceof HttpRequest head) {
            decoder.begin(head.method().equals(HttpMethod.HEAD));
            writer().begin(head);
        } else {
            writer().write((HttpContent) message);
        }
    }

    @Override
    public void flush() {
        writer().flush();
    }

    @Override
    public void mayUpgrade() {
        upgradable = true;
    }

    @Override
    public void hear(UpstreamListener next) {
        listener = next;
    }

    @Override
    public void read(boolean on) {
        channel().config().setAutoRead(on);
    }

    /** Begins the next exchange on a connection that waited. */
    void reuse(UpstreamListener next) {
        state = State.BUSY;
        listener = next;
        exchanges++;
        headSeen = false;
        idleDeadline.clear();
    }

    @Override
    public void release(boolean requestSent) {
        listener = null;
        // An engine that answers early may leave the rest of a request unread.
        if (!requestSent || !reusable || !isWritable()) {
            abort();
        } else {
            read(true);
        }
    }

    /** Closes the connection, which ends the request at the engine; the listener hears nothing more. */
    @Override
    public void abort() {
        if (state == State.IDLE) {
            pool.remove(lane, this);
        }
        state = State.CLOSED;
        listener = null;
        idleDeadline.cancel();
        // One whose socket could not even be made, for want of file descriptors, has no event loop to close it on.
        if (channel().isRegistered()) {
            var _ = channel().close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (state != State.BUSY) {
            ReferenceCountUtil.release(message);
            abort();
        } else if (message instanceof HttpResponse head) {
            readHead(head);
        } else if (message instanceof HttpContent content) {
            readContent(content);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void readHead(HttpResponse head) {
        if (head.decoderResult().isFailure() || (head.status().code() == 101 && !upgrades(head))) {
            ReferenceCountUtil.release(head);
            lost();
        } else if (head.status().code() == 101) {
            headSeen = true;
            owner().responseHead(head);
            if (state == State.BUSY) {
                // The decoder gives what it has read behind the header.
                var _ = channel().pipeline().replace(decoder, null, new RawBytes());
                writer().switched();
            }
        } else if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            informational = true;
        } else {
            headSeen = true;
            noteKeepAlive(head);
            owner().responseHead(head);
        }
    }

    private boolean upgrades(HttpResponse head) {
        return upgradable
                && head.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && head.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    }

    private void readContent(HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        if (informational) {
            informational = !last;
            content.release();
        } else if (content.decoderResult().isFailure()) {
            content.release();
            lost();
        } else {
            var to = owner();
            if (last) {
                state = State.ANSWERED;
            }
            to.responseContent(content);
        }
    }

    private void noteKeepAlive(HttpResponse head) {
        reusable = HttpUtil.isKeepAlive(head);
        String text = head.headers().get("keep-alive");
        if (text != null && !text.equals(keepAliveText)) {
            keepAliveText = text;
            var said = KeepAlive.of(text);
            if (said.timeout() != null) {
                idleLimit = said.timeout().compareTo(idleTimeout) < 0 ? said.timeout() : idleTimeout;
            }
            // The first number is a limit that is right whether it is counted down or repeated.
            exchangeLimit = Math.min(exchangeLimit, said.exchanges());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (state == State.ANSWERED) {
            rest();
        } else if (state == State.BUSY && listener != null) {
            listener.responseReadComplete();
        }
        pool.flushes().readComplete();
    }

    private void rest() {
        if (listener != null) {
            return;
        }
        if (!channel().isActive() || exchanges >= exchangeLimit || lane.retired() || idleLimit.isZero()) {
            abort();
            return;
        }
        state = State.IDLE;
        idleDeadline.in(idleLimit);
        pool.add(lane, this);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (state == State.BUSY && listener != null) {
            listener.upstreamWritable(ctx.channel().isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lost();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (state == State.BUSY && exchanges == 1 && !headSeen && cause.getCause() instanceof SSLException refused) {
            // With TLS 1.3 a server refuses our certificate, or its absence, after the handshake (RFC 8446 section
            // 4.4.2.4).
            lane.link().failed(lane.endpoint(), refused);
        }
        if (Faults.ofPeer(cause)) {
            lost();
        } else {
            broken(cause);
        }
    }

    private void broken(Throwable cause) {
        var told = listener;
        abort();
        if (told != null) {
            told.failed(cause);
        } else {
            LOG.warn("A connection to an engine broke by our own fault; it was closed", cause);
        }
    }

    private void lost() {
        boolean busy = state == State.BUSY;
        boolean stale = exchanges > 1 && !headSeen;
        var told = listener;
        if (state != State.CLOSED && state != State.CONNECTING) {
            abort();
        }
        if (busy && told != null) {
            told.connectionLost(stale);
        }
    }

    private UpstreamListener owner() {
        return requireNonNull(listener, "listener");
    }

    private MessageWriter writer() {
        return requireNonNull(writer, "writer");
    }

    private Channel channel() {
        return requireNonNull(channel, "channel");
    }
}
