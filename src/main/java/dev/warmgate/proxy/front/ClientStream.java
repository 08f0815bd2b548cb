package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.Deadline;
import dev.warmgate.proxy.wire.WebSocketFrames;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of one request: where its answer is written. With HTTP/1.1 that is the connection for the time being,
 * with HTTP/2 one of its streams. Confined to the connection's event loop.
 */
public interface ClientStream {
    /**
     * What becomes of the connection after a request, as far as it carries only one at a time. A stream of an HTTP/2
     * connection ends by itself, is reset where that would look like a whole answer, and leaves the others alone.
     */
    enum After {
        /** The next request may come. */
        KEEP,
        /** Closed. */
        CLOSE,
        /** Closed after the client took the answer, though it is still sending. */
        LINGER,
        /** Broken off so that even a client that takes the connection's end for the answer's end notices. */
        BREAK
    }

    /** Returns what makes buffers. */
    ByteBufAllocator alloc();

    /** Returns the channel, or that of the stream, for what is to be known about the connection; not to write to. */
    Channel channel();

    /** Returns the request's deadline; when it passes the listener is told. */
    Deadline deadline();

    /** Returns whether the client takes what is written; the listener is told when that changes. */
    boolean isWritable();

    /** Keeps the request's further content waiting, or lets it come. */
    void hold(boolean on);

    /** Tells the client to send its body. */
    void sendContinue();

    /** Writes an {@link HttpResponse} that has a body, or {@link HttpContent} of it, which this takes over. */
    void write(HttpResponse head);

    /** Writes content that is not the last, which this takes over. */
    void write(HttpContent content);

    /** Sends what was written. */
    void flush();

    /** Writes the answer's end, which this takes over; the listener hears when all has left for the client, or failed to. */
    void writeLast(LastHttpContent last, ChannelFutureListener listener);

    /** Writes a whole answer, as {@link #writeLast}. */
    void writeWhole(FullHttpResponse answer, ChannelFutureListener listener);

    /** Writes no end: the listener hears when what was written has left for the client, or failed to. */
    void writeNoMore(ChannelFutureListener listener);

    /**
     * Turns the connection into a WebSocket by an answer that says so, which this takes over. From then on content is bytes,
     * in both directions.
     *
     * @param next who hears everything from now on
     * @return what follows the frames that the client gets; null if that cannot be, because the client has sent more than
     *     its request or shares its connection: then nothing was written, and another answer is to follow, the last one
     */
    @Nullable
    WebSocketFrames upgrade(FullHttpResponse answer, ClientListener next);

    /** Ends the request's hold on the stream: its listener hears nothing more. */
    void ended(After after);

    /** Gives the client up; the listener is told that it is gone. */
    void abandon();
}
