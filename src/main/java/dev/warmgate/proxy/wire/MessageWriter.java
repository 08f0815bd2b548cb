package dev.warmgate.proxy.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of one HTTP/1.1 connection (RFC 9112), one after the other: header, then content up to the last.
 *
 * <p>A header waits for what follows it, so that it goes out in one buffer with content that is not long; and a chunk is
 * one buffer with its frame. Each buffer costs the transport and the kernel more than copying a few kilobytes does.
 *
 * <p>Trailers are not written. Confined to the connection's event loop.
 */
public final class MessageWriter {
    /** How content is framed. */
    private enum Framing {
        /** By its announced length, or not at all. */
        PLAIN,
        CHUNKED,
        /** There is none to be written, whatever the header says. */
        EMPTY
    }

    /** Content of more bytes is not copied. */
    static final int MOST_COPIED = 16 << 10;

    /** Content of no more bytes goes through an array together with what stands around it: an event of a stream, mostly. */
    private static final int MOST_TOGETHER = 2 << 10;

    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private final Channel channel;
    private final HeadBytes headBytes;
    private final FlushQueue flushes;
    private @Nullable HttpMessage head;
    private Framing framing = Framing.PLAIN;
    private boolean switched;

    /** Whether it waits in the queue. */
    private boolean queued;

    /** Creates a writer to a connection; all of one event loop may share {@code headBytes} and {@code flushes}. */
    public MessageWriter(Channel channel, HeadBytes headBytes, FlushQueue flushes) {
        this.channel = channel;
        this.headBytes = headBytes;
        this.flushes = flushes;
    }

    /** Begins a request by its header, which is written with what follows. */
    public void begin(HttpRequest header) {
        head = header;
        framing = HttpUtil.isTransferEncodingChunked(header) ? Framing.CHUNKED : Framing.PLAIN;
    }

    /**
     * Begins an answer by its header, which is written with what follows. One that can have no body says so (RFC 9110
     * sections 8.6 and 15.3.6, RFC 9112 section 6.1), and of what is given none is written.
     *
     * @param toHead whether the request was a HEAD, so that the header speaks of a body that does not come
     */
    public void begin(HttpResponse header, boolean toHead) {
        head = header;
        int status = header.status().code();
        var fields = header.headers();
        if (status == 204) {
            fields.remove(HttpHeaderNames.CONTENT_LENGTH).remove(HttpHeaderNames.TRANSFER_ENCODING);
        } else if (status == 205) {
            fields.remove(HttpHeaderNames.TRANSFER_ENCODING).set(HttpHeaderNames.CONTENT_LENGTH, "0");
        }
        boolean empty = toHead || status < 200 || status == 204 || status == 205 || status == 304;
        framing = empty ? Framing.EMPTY : HttpUtil.isTransferEncodingChunked(header) ? Framing.CHUNKED : Framing.PLAIN;
    }

    /** From now on content is bytes, and no message: the connection has switched to another protocol. */
    public void switched() {
        switched = true;
        head = null;
        framing = Framing.PLAIN;
    }

    /** Writes content, which this takes over; with the last the message ends. */
    public void write(HttpContent content) {
        if (content instanceof LastHttpContent || (content.content().isReadable() && framing != Framing.EMPTY)) {
            var _ = write(content, channel.voidPromise());
        } else {
            content.release();
        }
    }

    /** The same, and returns when all of the content has left, or failed to. */
    public ChannelFuture write(HttpContent content, ChannelPromise left) {
        boolean last = content instanceof LastHttpContent;
        if (framing == Framing.EMPTY || !content.content().isReadable()) {
            content.release();
            return endWith(Unpooled.EMPTY_BUFFER, last, left);
        }
        return endWith(content.content(), last, left);
    }

    private ChannelFuture endWith(ByteBuf bytes, boolean last, ChannelPromise left) {
        boolean chunk = framing == Framing.CHUNKED && bytes.isReadable();
        boolean end = framing == Framing.CHUNKED && last;
        if (head == null && !chunk && !end) {
            return channel.write(bytes, left);
        }
        int size = bytes.readableBytes();
        if (size <= MOST_TOGETHER) {
            return channel.write(together(bytes, chunk, end), left);
        }
        boolean copied = size <= MOST_COPIED;
        var before = buffer(chunk ? size : 0, copied ? size + LAST_CHUNK.length + 2 : 0);
        if (copied) {
            copy(bytes, before);
            return channel.write(closed(before, chunk, end), left);
        }
        var _ = channel.write(before, channel.voidPromise());
        if (!chunk) {
            return channel.write(bytes, left);
        }
        var _ = channel.write(bytes, channel.voidPromise());
        return channel.write(closed(channel.alloc().directBuffer(LAST_CHUNK.length + 2), true, end), left);
    }

    /** Returns header, if that waits, frame and content, which this takes over, put together in an array first. */
    private ByteBuf together(ByteBuf bytes, boolean chunk, boolean end) {
        takeHead(chunk ? bytes.readableBytes() : 0);
        headBytes.put(bytes);
        bytes.release();
        if (chunk) {
            headBytes.endLine();
        }
        if (end) {
            headBytes.put(LAST_CHUNK);
        }
        var all = channel.alloc().directBuffer(headBytes.length());
        headBytes.writeTo(all);
        return all;
    }

    private static void copy(ByteBuf bytes, ByteBuf to) {
        if (bytes.hasArray()) {
            to.writeBytes(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes());
        } else {
            to.writeBytes(bytes);
        }
        bytes.release();
    }

    /** Returns a buffer that begins with the header, if that waits, and the size of a chunk, if it is one. */
    private ByteBuf buffer(int chunkSize, int room) {
        takeHead(chunkSize);
        var buffer = channel.alloc().directBuffer(headBytes.length() + room);
        headBytes.writeTo(buffer);
        return buffer;
    }

    private void takeHead(int chunkSize) {
        headBytes.clear();
        if (head != null) {
            headBytes.take(head);
            head = null;
        }
        if (chunkSize > 0) {
            headBytes.putChunkSize(chunkSize);
        }
    }

    private static ByteBuf closed(ByteBuf buffer, boolean chunk, boolean end) {
        if (chunk) {
            endLine(buffer);
        }
        return end ? buffer.writeBytes(LAST_CHUNK) : buffer;
    }

    private static void endLine(ByteBuf buffer) {
        buffer.writeShort('\r' << 8 | '\n');
    }

    /**
     * Sends what was written: soon, together with what other connections have to send; bytes of another protocol at once,
     * because the connection may be closed behind them.
     */
    public void flush() {
        if (head != null) {
            var _ = channel.write(buffer(0, 0), channel.voidPromise());
        }
        if (switched) {
            channel.flush();
        } else if (!queued) {
            queued = true;
            flushes.add(this);
        }
    }

    /** Sends at once what waits to be sent. */
    public void flushNow() {
        if (queued) {
            channel.flush();
        }
    }

    /** Its turn in the queue has come. */
    void send() {
        queued = false;
        channel.flush();
    }
}
