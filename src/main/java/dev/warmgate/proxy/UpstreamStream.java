package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.proxy.wire.Faults;
import dev.warmgate.proxy.wire.head.LastContent;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One exchange with an engine as a stream of an HTTP/2 connection. Flow control is the channel's own: a stream that is not
 * read lets its window run dry, and one whose window at the engine is full is not writable.
 */
final class UpstreamStream extends ChannelInboundHandlerAdapter implements Upstream {
    private enum State {
        WAITING,
        BUSY,
        ANSWERED,
        CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamStream.class);

    private final UpstreamPool pool;
    private final Lane lane;
    private final EventLoop loop;
    private final boolean mayBeStale;

    private State state = State.WAITING;
    private @Nullable UpstreamListener listener;
    private @Nullable UpstreamCarrier carrier;
    private @Nullable Channel channel;
    private @Nullable HttpRequest unsentHead;
    private long openedAt;
    private boolean told;
    private boolean headSeen;

    /** The request's header was its end. */
    private boolean ended;

    /** The engine said that it has not looked at the request. */
    private boolean refused;

    /**
     * Creates a stream without a connection.
     *
     * @param mayBeStale whether the exchange tries again by itself if the engine never saw its request
     */
    UpstreamStream(UpstreamPool pool, Lane lane, EventLoop loop, UpstreamListener listener, boolean mayBeStale) {
        this.pool = pool;
        this.lane = lane;
        this.loop = loop;
        this.listener = listener;
        this.mayBeStale = mayBeStale;
    }

    /** Joins a connection. If that is open, this is connected when the call returns, unless opening it failed. */
    void join(UpstreamCarrier to) {
        carrier = to;
        told = !to.isOpen();
        to.take(this);
        told = true;
    }

    /** Finds another connection, because the one that was waited for is full. */
    void moveOn() {
        carrier().drop(this);
        pool.place(lane, this);
    }

    void open(Http2StreamChannelBootstrap opener) {
        openedAt = loop.ticker().nanoTime();
        opener.handler(this).open().addListener(this::opened);
    }

    private void opened(Future<?> done) {
        if (state != State.WAITING) {
            if (done.isSuccess() && done.getNow() instanceof Http2StreamChannel late) {
                var _ = late.close();
            }
            return;
        }
        if (!done.isSuccess()) {
            // Never from within the call that asked for the stream.
            loop.execute(this::carrierLost);
            return;
        }
        channel = (Channel) done.getNow();
        state = State.BUSY;
        if (told) {
            try {
                owner().connected();
            } catch (RuntimeException e) {
                broken(e);
            }
        }
    }

    @Override
    public Lane lane() {
        return lane;
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
    public boolean takesUsageQuestion() {
        return lane.takesUsageQuestion(loop.ticker().nanoTime());
    }

    @Override
    public void write(Object message) {
        if (message instanceof HttpRequest head) {
            unsentHead = head; // so that a request without a body can be one frame
        } else {
            var content = (HttpContent) message;
            boolean last = content instanceof LastHttpContent;
            boolean empty = !content.content().isReadable();
            sendHead(last && empty);
            if (last && empty) {
                if (!ended) {
                    send(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
                }
                content.release();
            } else {
                send(new DefaultHttp2DataFrame(content.content(), last));
            }
        }
    }

    private void sendHead(boolean last) {
        var head = unsentHead;
        if (head != null) {
            unsentHead = null;
            ended = last;
            send(new DefaultHttp2HeadersFrame(Http2Fields.request(head, lane), last));
        }
    }

    private void send(Object frame) {
        var _ = channel().write(frame);
    }

    @Override
    public void flush() {
        sendHead(false);
        channel().flush();
    }

    @Override
    public void mayUpgrade() {
        throw new IllegalStateException("HTTP/2");
    }

    @Override
    public void hear(UpstreamListener next) {
        throw new IllegalStateException("HTTP/2");
    }

    @Override
    public void read(boolean on) {
        channel().config().setAutoRead(on);
    }

    @Override
    public void release(boolean requestSent) {
        listener = null;
        if (requestSent) {
            state = State.CLOSED;
            carrier().drop(this);
        } else {
            abort();
        }
    }

    @Override
    public void abort() {
        boolean silent = state == State.BUSY && !headSeen;
        state = State.CLOSED;
        listener = null;
        unsentHead = null;
        var on = carrier();
        if (channel != null && channel.isActive()) {
            var _ = channel.close(); // which sends RST_STREAM if the stream has not ended
        }
        if (silent) {
            on.doubt(openedAt);
        }
        on.drop(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (state != State.BUSY) {
            ReferenceCountUtil.release(message);
            return;
        }
        switch (message) {
            case Http2HeadersFrame frame -> readHeaders(frame.headers(), frame.isEndStream());
            case Http2DataFrame frame -> readData(frame);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void readHeaders(Http2Headers headers, boolean last) {
        if (headSeen) {
            if (last) {
                end(LastHttpContent.EMPTY_LAST_CONTENT); // trailers
            }
            return;
        }
        HttpResponse head;
        try {
            var status = HttpResponseStatus.parseLine(requireNonNull(headers.status(), ":status"));
            head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, Http2Fields.toHttp1(headers));
        } catch (IllegalArgumentException e) {
            lost();
            return;
        }
        if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            if (head.status().code() == 101 || last) {
                lost(); // RFC 9113 sections 8.1 and 8.6
            }
            return;
        }
        headSeen = true;
        owner().responseHead(head);
        if (last && state == State.BUSY) {
            end(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    private void readData(Http2DataFrame frame) {
        if (!headSeen) {
            frame.release();
            lost();
        } else if (frame.isEndStream()) {
            end(new LastContent(frame.content()));
        } else {
            owner().responseContent(new DefaultHttpContent(frame.content()));
        }
    }

    private void end(LastHttpContent last) {
        state = State.ANSWERED;
        owner().responseContent(last);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (state == State.BUSY && listener != null) {
            listener.responseReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (state == State.BUSY && listener != null) {
            listener.upstreamWritable(ctx.channel().isWritable());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2GoAwayFrame) {
            refused = true; // only streams above the last that was looked at are told (RFC 9113 section 6.8)
        } else if (event instanceof Http2ResetFrame reset) {
            refused = reset.errorCode() == Http2Error.REFUSED_STREAM.code(); // section 8.7
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lost();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (Faults.ofPeer(cause)) {
            lost();
        } else {
            broken(cause);
        }
    }

    /** The connection ended. */
    void carrierLost() {
        if (state == State.WAITING) {
            var to = owner();
            abort();
            to.connectFailed();
        } else {
            lost();
        }
    }

    private void broken(Throwable cause) {
        var to = listener;
        abort();
        if (to != null) {
            to.failed(cause);
        } else {
            LOG.warn("A stream to an engine broke by our own fault; it was closed", cause);
        }
    }

    private void lost() {
        var to = listener;
        boolean busy = state == State.BUSY;
        if (state != State.CLOSED) {
            headSeen |= refused; // a refusal is a sign of life
            abort();
        }
        if (busy && to != null) {
            to.connectionLost(refused && mayBeStale);
        }
    }

    private UpstreamListener owner() {
        return requireNonNull(listener, "listener");
    }

    private UpstreamCarrier carrier() {
        return requireNonNull(carrier, "carrier");
    }

    private Channel channel() {
        return requireNonNull(channel, "channel");
    }
}
