package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.Deadline;
import dev.warmgate.proxy.wire.Faults;
import dev.warmgate.proxy.wire.WebSocketFrames;
import dev.warmgate.proxy.wire.head.LastContent;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on an HTTP/2 connection, in a channel of its own: turns frames into the messages that HTTP/1.1 has, and back.
 *
 * <p>Back-pressure is the stream's windows: content that is held is not acknowledged, and an answer waits in the channel
 * until the client's window takes it, which makes the channel unwritable.
 */
final class Http2Stream extends ChannelInboundHandlerAdapter implements ClientStream {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Stream.class);

    private final Http2Connection connection;
    private final Channel channel;
    private final Deadline deadline;

    /** Content that came while it was held: at most what the window allows. */
    private final ArrayDeque<HttpContent> waiting = new ArrayDeque<>(0);

    private @Nullable ClientListener listener;
    private @Nullable ChannelFuture lastWrite;
    private boolean begun;
    private boolean toHead;
    private boolean requestEnded;
    private boolean answerEnded;
    private boolean held;
    private boolean passing;

    /** The client has reset the stream, or the connection is gone: nothing may be sent. */
    private boolean gone;

    Http2Stream(Http2Connection connection, Channel channel) {
        this.connection = connection;
        this.channel = channel;
        this.deadline = new Deadline(connection.connections().loop(), this::deadlinePassed);
    }

    // ---- What comes from the client.

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        connection.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http2HeadersFrame header when !begun -> begin(header);
            // Trailers. Nothing here needs them, and they would escape the filters.
            case Http2HeadersFrame _ -> content(LastHttpContent.EMPTY_LAST_CONTENT);
            case Http2DataFrame data ->
                content(data.isEndStream() ? new LastContent(data.content()) : new DefaultHttpContent(data.content()));
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void begin(Http2HeadersFrame header) {
        begun = true;
        requestEnded = header.isEndStream();
        if (connection.overfull()) {
            reset(Http2Error.REFUSED_STREAM);
            return;
        }
        HttpRequest head;
        try {
            head = request(header);
        } catch (Http2Exception | IllegalArgumentException e) {
            reset(Http2Error.PROTOCOL_ERROR); // also for a method that is no token
            return;
        }
        toHead = head.method().equals(HttpMethod.HEAD);
        var serving = connection.connections().listeners().create(this, head);
        listener = serving;
        try {
            serving.begin();
            if (header.isEndStream()) {
                content(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    private static HttpRequest request(Http2HeadersFrame header) throws Http2Exception {
        int id = header.stream().id();
        var head = HttpConversionUtil.toHttpRequest(id, header.headers(), true);
        // The conversion's own notes, which no engine shall see, and forgeries of them.
        for (var note : HttpConversionUtil.ExtensionHeaderNames.values()) {
            head.headers().remove(note.text());
        }
        if (!header.isEndStream() && !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
            head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return head;
    }

    private void content(HttpContent content) {
        requestEnded |= content instanceof LastHttpContent;
        if (listener == null) {
            content.release();
        } else if (held || passing) {
            waiting.add(content);
        } else {
            pass(listener, content);
        }
    }

    private void pass(ClientListener serving, HttpContent content) {
        try {
            serving.requestContent(content);
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    @Override
    public void hold(boolean on) {
        if (held == on) {
            return;
        }
        held = on;
        if (!on) {
            passWaiting();
        }
        channel.config().setAutoRead(!held);
    }

    private void passWaiting() {
        if (passing) {
            return;
        }
        passing = true;
        try {
            while (!held && listener != null && !waiting.isEmpty()) {
                pass(listener, waiting.remove());
            }
        } finally {
            passing = false;
        }
        if (listener != null) {
            listener.requestReadComplete();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.requestReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.clientWritable(channel.isWritable());
        }
    }

    // ---- What goes to the client.

    @Override
    public ByteBufAllocator alloc() {
        return channel.alloc();
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public Deadline deadline() {
        return deadline;
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void sendContinue() {
        var _ = channel.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("100"), false));
    }

    @Override
    public void write(HttpResponse head) {
        lastWrite = channel.write(new DefaultHttp2HeadersFrame(fields(head), false));
    }

    @Override
    public void write(HttpContent content) {
        if (content.content().isReadable()) {
            lastWrite = channel.write(new DefaultHttp2DataFrame(content.content(), false));
        } else {
            content.release();
        }
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void writeLast(LastHttpContent last, ChannelFutureListener listener) {
        answerEnded = true;
        channel.writeAndFlush(new DefaultHttp2DataFrame(last.content(), true)).addListener(listener);
    }

    @Override
    public void writeWhole(FullHttpResponse answer, ChannelFutureListener listener) {
        boolean empty = toHead || !answer.content().isReadable();
        answerEnded = true;
        var written = channel.write(new DefaultHttp2HeadersFrame(fields(answer), empty));
        if (empty) {
            answer.release();
            channel.flush();
        } else {
            written = channel.writeAndFlush(new DefaultHttp2DataFrame(answer.content(), true));
        }
        written.addListener(listener);
    }

    @Override
    public void writeNoMore(ChannelFutureListener listener) {
        channel.flush();
        (lastWrite == null ? channel.newSucceededFuture() : lastWrite).addListener(listener);
    }

    /** {@inheritDoc} A request to do so cannot come: it belongs to one connection, and HTTP/2 has no field for it. */
    @Override
    public @Nullable WebSocketFrames upgrade(FullHttpResponse answer, ClientListener next) {
        answer.release();
        return null;
    }

    /** What belongs to one connection only is left out. */
    private static Http2Headers fields(HttpResponse head) {
        return HttpConversionUtil.toHttp2Headers(head, true);
    }

    // ---- The end.

    /**
     * {@inheritDoc}
     *
     * <p>A stream ends with both messages. Before that it is reset: as a failure if the answer is not whole, else without
     * blame, which asks the client to stop sending (RFC 9113 section 8.1).
     */
    @Override
    public void ended(After after) {
        listener = null;
        deadline.cancel();
        releaseWaiting();
        if (!answerEnded) {
            reset(Http2Error.INTERNAL_ERROR);
        } else if (!requestEnded) {
            reset(Http2Error.NO_ERROR);
        }
    }

    @Override
    public void abandon() {
        reset(Http2Error.CANCEL);
    }

    private void reset(Http2Error why) {
        if (!gone && channel.isActive()) {
            var _ = channel.writeAndFlush(new DefaultHttp2ResetFrame(why));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            clientLeft();
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        clientLeft();
        deadline.cancel();
        connection.ended(this);
    }

    /**
     * Notes that nothing can be sent any more. An answer whose end was written fails by itself, or has arrived.
     *
     * <p>A channel that is not read would not notice its own end while frames wait in it: so it is read.
     */
    void clientLeft() {
        gone = true;
        held = false;
        releaseWaiting();
        if (listener != null && !answerEnded) {
            listener.clientGone();
        }
        channel.config().setAutoRead(true);
    }

    private void deadlinePassed() {
        if (listener != null) {
            listener.deadlinePassed();
        }
    }

    /** A stream in which the client broke the protocol is reset by the codec. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof Http2Exception) && !Faults.ofPeer(cause)) {
            broken(cause);
        }
    }

    private void broken(Throwable cause) {
        if (listener != null) {
            listener.failed(cause);
        } else {
            LOG.warn("A client's stream broke by our own fault; it was reset", cause);
            reset(Http2Error.INTERNAL_ERROR);
        }
    }

    private void releaseWaiting() {
        HttpContent content;
        while ((content = waiting.poll()) != null) {
            content.release();
        }
    }
}
