package dev.warmgate.twin.server;

import static dev.warmgate.twin.server.ByteBuilder.bytes;

import dev.warmgate.twin.fault.Fault;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: collects requests, writes answers one after the other.
 *
 * <p>Answers are written as plain bytes, framed here: what accumulates during one wake of the loop becomes one chunk, one
 * buffer and one write. Event-loop confined.
 */
final class ReplicaConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaConnection.class);

    /** Requests that may wait behind the one being answered; who sends more is cut off. */
    private static final int MOST_PIPELINED = 16;

    /** A connection that is closed unannounced is so within this time, in which its next request may be on its way. */
    private static final int LATEST_IDLE_CLOSE_MILLIS = 5;

    private static final byte[] CRLF = bytes("\r\n");
    private static final byte[] CONTINUE = bytes("HTTP/1.1 100 Continue\r\n\r\n");
    private static final byte[] LAST_CHUNK = bytes("0\r\n\r\n");
    private static final byte[] STREAM_HEAD =
            bytes("HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-type: text/event-stream; charset=utf-8\r\n");

    private final TwinReplica replica;
    private final Channel channel;
    private final ByteBuilder out = new ByteBuilder();
    private final ByteBuilder events = new ByteBuilder();
    private final ArrayDeque<HttpCall> calls = new ArrayDeque<>();

    /** The request being received. */
    private @Nullable HttpRequest head;

    private final CallBody body;

    /** The request being answered. */
    private @Nullable HttpCall call;

    private @Nullable Exchange exchange;
    private boolean closing;

    private @Nullable Future<?> timer;

    ReplicaConnection(TwinReplica replica, Channel channel) {
        this.replica = replica;
        this.channel = channel;
        body = new CallBody(replica.settings().maxBodyBytes());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        replica.opened(this);
        var fault = replica.faults().at(Fault.Moment.CONNECTION);
        if (fault == Fault.SLAM) {
            reset();
        } else if (fault == Fault.SLOW_ACCEPT) {
            channel.config().setAutoRead(false);
            later(
                    () -> channel.config().setAutoRead(true),
                    replica.faults().plan().acceptDelay());
        }
    }

    /** Does something in a while, unless the connection is closed before. */
    private void later(Runnable action, Duration time) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer = channel.eventLoop().schedule(action, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        replica.closed(this);
        if (timer != null) {
            timer.cancel(false);
        }
        var open = exchange;
        if (open != null) {
            exchange = null;
            open.abort();
        }
        calls.clear();
        body.drop();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpRequest request) {
                begin(request);
            }
            if (message instanceof HttpContent content && head != null) {
                body.add(content.content());
                if (content instanceof LastHttpContent) {
                    received(head, content.decoderResult().isSuccess());
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            renderRest();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("{}: {}", channel, cause.toString());
        } else {
            LOG.warn("{}: closed after an unexpected failure", channel, cause);
        }
        var _ = channel.close();
    }

    private void begin(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            refuseBytes();
            return;
        }
        head = request;
        body.begin(HttpUtil.getContentLength(request, 0L));
        if (call == null && HttpUtil.is100ContinueExpected(request)) {
            out.add(CONTINUE);
        }
    }

    private void received(HttpRequest request, boolean valid) {
        head = null;
        if (!valid) {
            refuseBytes();
            return;
        }
        if (calls.size() >= MOST_PIPELINED) {
            var _ = channel.close();
            return;
        }
        calls.add(body.end(request));
        next();
    }

    /** Begins with the next request that was received, unless one is being answered. */
    void next() {
        while (call == null && !closing && !replica.stalled()) {
            HttpCall following = calls.poll();
            if (following == null) {
                return;
            }
            call = following;
            replica.answer(following, this);
        }
    }

    private void refuseBytes() {
        if (call != null) {
            var _ = channel.close();
            return;
        }
        closing = true;
        out.add("HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
                + "content-length: 30\r\n\r\nInvalid HTTP request received.");
        flush();
    }

    /** Writes a whole answer. */
    void respond(int status, String contentType, String extraHeaders, ByteBuilder content) {
        respondHead(status, contentType, extraHeaders, content.length());
        out.add(content);
        answered();
    }

    /** Writes the header of an answer, and half of its body at most. */
    void respondHalf(String contentType, ByteBuilder content) {
        respondHead(200, contentType, "", content.length());
        out.add(content.array(), 0, content.length() / 2);
    }

    private void respondHead(int status, String contentType, String extraHeaders, int length) {
        out.add("HTTP/1.1 ")
                .add(status)
                .add(" ")
                .add(HttpResponseStatus.valueOf(status).reasonPhrase())
                .add("\r\nserver: uvicorn\r\ncontent-length: ")
                .add(length);
        if (!contentType.isEmpty()) {
            out.add("\r\n")
                    .add(HttpHeaderNames.CONTENT_TYPE.toString())
                    .add(": ")
                    .add(contentType);
        }
        out.add(CRLF).add(extraHeaders);
        endHead();
    }

    /** Begins a streamed answer; its events go to {@link #events}. */
    void startStream() {
        out.add(STREAM_HEAD);
        if (isChunked()) {
            out.add("transfer-encoding: chunked\r\n");
        }
        endHead();
    }

    /** Ends a streamed answer. */
    void endStream() {
        frame();
        if (isChunked()) {
            out.add(LAST_CHUNK);
        }
        answered();
    }

    private void endHead() {
        if (call != null && !call.keepAlive()) {
            out.add("connection: close\r\n");
        }
        out.add(CRLF);
    }

    private boolean isChunked() {
        return call != null && call.chunked();
    }

    private void answered() {
        closing |= call != null && !call.keepAlive();
        call = null;
        exchange = null;
        if (!closing && replica.faults().at(Fault.Moment.ANSWER) == Fault.IDLE_CLOSE) {
            later(this::closeIfIdle, Duration.ofMillis(replica.faults().below(LATEST_IDLE_CLOSE_MILLIS)));
        }
    }

    /** Sends bytes that need not be HTTP, after what was collected, and closes. */
    void sendLast(String bytes) {
        frame();
        out.add(bytes);
        closing = true;
        call = null;
        exchange = null;
        flush();
    }

    /** Closes inside a chunk, which has what was collected and promises more. */
    void closeInsideChunk() {
        if (isChunked()) {
            out.addHex(events.length() + 1_000).add(CRLF).add(events);
            events.clear();
        }
        sendLast("");
    }

    /** Sends what was collected and nothing more; resets the connection in a while. */
    void fallSilent(Duration time) {
        exchange = null;
        flush();
        later(this::reset, time);
    }

    /** Returns the id of the request that is being answered, or null. */
    @Nullable
    String answering() {
        return call == null ? null : call.requestId();
    }

    /** Says who answers the current request, and is told when the client leaves or reads on. */
    void serve(Exchange answering) {
        exchange = answering;
    }

    /** Where the events of a streamed answer are collected until the next {@link #flush}. */
    ByteBuilder events() {
        return events;
    }

    /** Returns whether the client keeps up; events for one that does not are better merged. */
    boolean writable() {
        return channel.isWritable();
    }

    private void frame() {
        if (events.isEmpty()) {
            return;
        }
        if (isChunked()) {
            out.addHex(events.length()).add(CRLF).add(events).add(CRLF);
        } else {
            out.add(events);
        }
        events.clear();
    }

    /** Sends what was collected, and goes on with the next request if the current one is answered. */
    void flush() {
        frame();
        if (!out.isEmpty()) {
            ByteBuf buffer = channel.alloc().ioBuffer(out.length());
            buffer.writeBytes(out.array(), 0, out.length());
            out.clear();
            var written = channel.writeAndFlush(buffer);
            if (closing && call == null) {
                var _ = written.addListener(ChannelFutureListener.CLOSE);
            }
        }
        if (call == null && !calls.isEmpty()) {
            replica.loop().execute(this::goOn);
        }
    }

    private void goOn() {
        next();
        if (!out.isEmpty() || !events.isEmpty()) {
            flush();
        }
    }

    /** Goes on after the replica was stalled. */
    void resume() {
        renderRest();
        goOn();
    }

    private void renderRest() {
        if (exchange != null && !replica.stalled()) {
            exchange.render();
            flush();
        }
    }

    /** Closes with a TCP reset, dropping what was not sent. */
    void reset() {
        out.clear();
        events.clear();
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        var _ = channel.close();
    }

    private void closeIfIdle() {
        if (call == null) {
            close();
        }
    }

    void close() {
        var _ = channel.close();
    }

    @Override
    public String toString() {
        return "ReplicaConnection[" + channel + ", " + calls.size() + " waiting, answering " + exchange + "]";
    }
}
