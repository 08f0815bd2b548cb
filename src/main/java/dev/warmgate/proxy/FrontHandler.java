package dev.warmgate.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: hands requests to their {@link Exchange}s, one at a time, and notices when the client leaves.
 *
 * <p>While an exchange waits for its answer the socket is still read, because that is how a leaving client is noticed.
 * A client that pipelines is read a little further than the next request, which waits until the exchange before has
 * ended; behind that its leaving is noticed only where the kernel tells of it unasked (epoll).
 *
 * <p>A client that closes its sending side after the request has left, as far as we are concerned, even if it still
 * reads: HTTP clients that mean to wait do not do this, and from outside the two cannot be told apart.
 */
final class FrontHandler extends ChannelInboundHandlerAdapter {
    /** What becomes of the connection after an exchange. */
    enum After {
        /** The next request may come. */
        KEEP,
        /** Closed. */
        CLOSE,
        /** Closed after the client took the answer, though it is still sending; see {@link #linger}. */
        LINGER,
        /** Broken off so that even a client that takes the connection's end for the answer's end notices. */
        BREAK
    }

    private static final Logger LOG = LoggerFactory.getLogger(FrontHandler.class);

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** How long a client that was refused may take to stop sending. */
    private static final Duration LINGER_LIMIT = Duration.ofSeconds(5);

    /** Messages of later requests that may wait, each a header or at most one read's bytes. */
    private static final int READ_AHEAD = 8;

    private final Worker worker;
    private final Channel channel;
    private final Deadline deadline;
    private final ArrayDeque<Object> waiting = new ArrayDeque<>(4);

    private @Nullable Exchange exchange;
    private boolean requestOpen;
    private boolean held;
    private boolean passing;
    private boolean lingering;

    FrontHandler(Worker worker, Channel channel) {
        this.worker = worker;
        this.channel = channel;
        this.deadline = new Deadline(worker.loop(), this::deadlinePassed);
    }

    Channel channel() {
        return channel;
    }

    /** Returns the connection's one deadline: the exchange's while there is one. */
    Deadline deadline() {
        return deadline;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        worker.add(this);
        deadline.in(worker.settings().keepAliveTimeout());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (lingering || !channel.isActive()) {
            ReferenceCountUtil.release(message);
        } else if (waiting.isEmpty() && !passing && mayPass(message)) {
            pass(message);
        } else {
            waiting.add(message);
            readAsAllowed();
        }
    }

    private boolean mayPass(Object message) {
        return message instanceof HttpRequest ? exchange == null && !requestOpen : !held;
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
            exchange = new Exchange(worker, this, head);
            worker.begun();
            exchange.begin();
            ReferenceCountUtil.release(message);
        } else if (message instanceof HttpContent content) {
            if (content instanceof LastHttpContent) {
                requestOpen = false;
            }
            if (exchange != null) {
                exchange.requestContent(content);
            } else {
                content.release();
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    /** Passes on what waits. A loop, not a recursion: exchanges that end at once would otherwise nest. */
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
        if (exchange != null) {
            exchange.requestReadComplete();
        }
        readAsAllowed();
    }

    private void readAsAllowed() {
        channel.config().setAutoRead(!held && waiting.size() < READ_AHEAD);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.requestReadComplete();
        }
    }

    /** Keeps the request's further content waiting, or lets it come. */
    void hold(boolean on) {
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

    /** Tells the client to send its body. Past the encoder, which would count this as the request's answer. */
    void sendContinue() {
        ByteBuf bytes = Unpooled.wrappedBuffer(CONTINUE);
        var codec = channel.pipeline().context(HttpServerCodec.class);
        var _ = codec.writeAndFlush(bytes, channel.voidPromise());
    }

    void write(Object message) {
        var _ = channel.write(message, channel.voidPromise());
    }

    void flush() {
        channel.flush();
    }

    /** Writes the answer's end; the listener is told when all of it has left for the client, or failed to. */
    void writeLast(Object message, ChannelFutureListener listener) {
        channel.writeAndFlush(message).addListener(listener);
    }

    /** Ends the exchange's hold on this connection. */
    void exchangeEnded(After after) {
        exchange = null;
        held = false;
        if (!channel.isActive()) {
            return;
        }
        switch (after) {
            case KEEP -> {
                if (worker.draining()) {
                    close();
                } else {
                    deadline.in(worker.settings().keepAliveTimeout());
                    passWaiting();
                }
            }
            case CLOSE -> close();
            case LINGER -> linger();
            case BREAK -> {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                close();
            }
        }
    }

    /**
     * Closes only our sending side and discards what the client still sends, for a while: closing a socket with unread
     * bytes would reset it, and the client might lose the answer that tells it why.
     */
    private void linger() {
        lingering = true;
        releaseWaiting();
        deadline.in(LINGER_LIMIT);
        var _ = ((DuplexChannel) channel).shutdownOutput();
        channel.config().setAutoRead(true);
    }

    private void deadlinePassed() {
        if (exchange != null) {
            exchange.deadlinePassed();
        } else {
            close();
        }
    }

    void closeIfIdle() {
        if (exchange == null) {
            close();
        }
    }

    void close() {
        var _ = channel.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.clientWritable(channel.isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        deadline.cancel();
        worker.remove(this);
        releaseWaiting();
        if (exchange != null) {
            exchange.clientGone();
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
        if (exchange != null) {
            exchange.failed(cause);
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
