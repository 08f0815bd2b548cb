package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.Deadline;
import dev.warmgate.proxy.wire.Faults;
import dev.warmgate.proxy.wire.MessageWriter;
import dev.warmgate.proxy.wire.WebSocketFrames;
import dev.warmgate.proxy.wire.head.RequestDecoder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection that speaks HTTP/1.1: hands requests to their {@link ClientListener}s, one at a time, and notices
 * when the client leaves.
 *
 * <p>While a request waits for its answer the socket is still read, because that is how a leaving client is noticed.
 * A client that pipelines is read a little further than the next request, which waits until the one before has
 * ended; behind that its leaving is noticed only where the kernel tells of it unasked (epoll).
 *
 * <p>A client that closes its sending side after the request has left, as far as we are concerned, even if it still
 * reads: HTTP clients that mean to wait do not do this, and from outside the two cannot be told apart.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter implements ClientConnection, ClientStream {
    private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int LARGEST_PIECE = 1 << 20;

    /** Messages that a client may send ahead. It is not read while they wait: this bounds what one read may be decoded into. */
    private static final int MOST_WAITING = 1_024;

    /** What a refused client may still send, in bytes: twice the largest body that is taken by default. */
    private static final long LINGER_BYTES = 128 << 20;

    /** Messages of later requests that may wait, each a header or at most one read's bytes. */
    private static final int READ_AHEAD = 8;

    private final Connections connections;
    private final Channel channel;
    private final MessageWriter writer;
    private final Deadline deadline;
    private final ArrayDeque<Object> waiting = new ArrayDeque<>(4);

    private @Nullable ClientListener listener;
    private boolean requestOpen;
    private boolean held;
    private boolean passing;
    private boolean lingering;

    /** Whether the client has sent too far ahead: what it sent behind that is lost, and the connection with it. */
    private boolean overrun;

    /** Whether the request that is being served wants no body in its answer. */
    private boolean ofHead;

    /** Whether the read that goes on has brought a message. */
    private boolean decoded;

    /** Whether a header has begun to come, and its time runs. */
    private boolean headerBegun = true;

    private Http1Connection(Connections connections, Channel channel) {
        this.connections = connections;
        this.channel = channel;
        this.writer = connections.writer(channel);
        this.deadline = new Deadline(connections.loop(), this::deadlinePassed);
    }

    /** Makes a connection speak HTTP/1.1 from its next byte on. */
    static void install(Connections connections, Channel channel, ReadSizes reads) {
        var decoder = new RequestDecoder(decoding(connections.settings()), connections.headReader(), reads::expect);
        channel.pipeline().addLast(decoder, new Http1Connection(connections, channel));
    }

    /** Strict reading: what is ambiguous is refused, because the next party might read it otherwise. */
    private static HttpDecoderConfig decoding(FrontSettings settings) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(settings.maxHeaderBytes())
                .setMaxHeaderSize(settings.maxHeaderBytes())
                .setMaxChunkSize(LARGEST_PIECE)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    @Override
    public ByteBufAllocator alloc() {
        return channel.alloc();
    }

    @Override
    public Channel channel() {
        return channel;
    }

    /** Returns the connection's one deadline: the request's while there is one. */
    @Override
    public Deadline deadline() {
        return deadline;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connections.add(this);
        deadline.in(connections.settings().headerReadTimeout());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        decoded = true;
        if (lingering || overrun || !channel.isActive()) {
            ReferenceCountUtil.release(message);
        } else if (waiting.isEmpty() && !passing && mayPass(message)) {
            pass(message);
        } else if (waiting.size() == MOST_WAITING) {
            overrun = true;
            ReferenceCountUtil.release(message);
        } else {
            waiting.add(message);
            writer.flushNow(); // the answer before, behind which the next request can pass
            readAsAllowed();
        }
    }

    private boolean mayPass(Object message) {
        return message instanceof HttpRequest ? listener == null && !requestOpen : !held;
    }

    private void pass(Object message) {
        try {
            handle(message);
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    private void handle(Object message) {
        if (message instanceof HttpRequest head) {
            requestOpen = !(message instanceof LastHttpContent);
            headerBegun = false;
            ofHead = head.method().equals(HttpMethod.HEAD);
            var serving = connections.listeners().create(this, head);
            listener = serving;
            serving.begin();
            ReferenceCountUtil.release(message);
        } else if (message instanceof HttpContent content) {
            if (content instanceof LastHttpContent) {
                requestOpen = false;
            }
            if (listener != null) {
                listener.requestContent(content);
            } else {
                content.release();
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    /** Passes on what waits. A loop, not a recursion: requests that end at once would otherwise nest. */
    private void passWaiting() {
        if (passing) {
            return;
        }
        passing = true;
        try {
            Object next;
            while (!lingering && (next = waiting.peek()) != null && mayPass(next)) {
                waiting.remove();
                pass(next);
            }
        } finally {
            passing = false;
        }
        if (listener != null) {
            listener.requestReadComplete();
        } else if (overrun && waiting.isEmpty()) {
            close();
        }
        readAsAllowed();
    }

    private void readAsAllowed() {
        channel.config().setAutoRead(!held && waiting.size() < READ_AHEAD);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.requestReadComplete();
        } else if (!decoded && !headerBegun && !lingering && readBytes()) {
            headerBegun = true;
            deadline.in(connections.settings().headerReadTimeout());
        }
        decoded = false;
        connections.flushes().readComplete();
    }

    private boolean readBytes() {
        return channel.unsafe().recvBufAllocHandle().lastBytesRead() > 0;
    }

    @Override
    public void hold(boolean on) {
        if (held == on) {
            return;
        }
        held = on;
        if (on) {
            readAsAllowed();
        } else {
            passWaiting();
        }
    }

    @Override
    public void sendContinue() {
        var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE), channel.voidPromise());
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void write(HttpResponse head) {
        writer.begin(head, ofHead);
    }

    @Override
    public void write(HttpContent content) {
        writer.write(content);
    }

    @Override
    public void flush() {
        writer.flush();
    }

    @Override
    public void writeLast(LastHttpContent last, ChannelFutureListener listener) {
        writer.write(last, channel.newPromise()).addListener(listener);
        writer.flush();
    }

    @Override
    public void writeWhole(FullHttpResponse answer, ChannelFutureListener listener) {
        writer.begin(answer, ofHead);
        writeLast(answer, listener);
    }

    @Override
    public void writeNoMore(ChannelFutureListener listener) {
        writer.flush();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(listener);
    }

    @Override
    public @Nullable WebSocketFrames upgrade(FullHttpResponse answer, ClientListener next) {
        // What was read ahead cannot be made bytes again.
        var frames = WebSocketBytes.install(channel, writer, answer, !waiting.isEmpty());
        if (frames != null) {
            listener = next;
        }
        return frames;
    }

    @Override
    public void ended(After after) {
        listener = null;
        held = false;
        if (!channel.isActive()) {
            return;
        }
        switch (after) {
            case KEEP -> {
                if (connections.draining()) {
                    close();
                } else {
                    deadline.in(connections.settings().keepAliveTimeout());
                    passWaiting();
                }
            }
            case CLOSE -> close();
            case LINGER -> linger();
            case BREAK -> breakOff();
        }
    }

    /** Closes so that a client that still sends gets the answer that tells it why. */
    private void linger() {
        lingering = true;
        releaseWaiting();
        deadline.clear();
        new LingeringClose(connections, channel, LINGER_BYTES).install(channel);
        var _ = channel.close();
    }

    /** Past TLS, which would say farewell, and be taken for the answer's end. */
    private void breakOff() {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        var tls = channel.pipeline().context(SslHandler.class);
        var _ = tls == null ? channel.close() : tls.close();
    }

    private void deadlinePassed() {
        if (listener != null) {
            listener.deadlinePassed();
        } else {
            close();
        }
    }

    @Override
    public void drain() {
        if (listener == null) {
            close();
        }
    }

    @Override
    public void goAway() {
        if (channel.pipeline().get(WebSocketBytes.class) != null) {
            close();
        }
    }

    @Override
    public void abandon() {
        close();
    }

    @Override
    public void close() {
        LingeringClose.now(channel);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (listener != null) {
            listener.clientWritable(channel.isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        deadline.cancel();
        connections.remove(this);
        releaseWaiting();
        if (listener != null) {
            listener.clientGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (Faults.ofPeer(cause)) {
            close();
        } else {
            broken(cause);
        }
    }

    private void broken(Throwable cause) {
        if (listener != null) {
            listener.failed(cause);
        } else {
            LOG.warn("A client connection broke by our own fault; it was closed", cause);
            close();
        }
    }

    private void releaseWaiting() {
        Object message;
        while ((message = waiting.poll()) != null) {
            ReferenceCountUtil.release(message);
        }
    }
}
