package dev.warmgate.proxy;

import dev.warmgate.dialect.BodyEdit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that is understood, whole and contiguous.
 *
 * <p>Why whole: the endpoint follows from the prompt, and JSON lets {@code model} and {@code messages} stand anywhere,
 * so no byte can be sent before the last one is read. Why contiguous: the scanner then reads one array. Kept until the
 * answer begins, so that another endpoint can be tried with the same bytes.
 *
 * <p>Memory follows what has arrived: at most eight times as much while no more than that was announced, else twice as
 * much. So a body is hardly copied again as it grows, and a header that announces much gets nothing for it.
 */
final class RequestBody {
    /** What is sent at a time: the transport copies each piece into native memory until it is on the wire. */
    private static final int PIECE = 128 << 10;

    private static final int FIRST_CAPACITY = 8 << 10;

    private static final int GROWTH = 8;

    private final ByteBufAllocator allocator;
    private final int limit;
    private final long announced;
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int sent;
    private @Nullable BodyEdit edit;

    /**
     * Creates an empty body.
     *
     * @param limit bytes that it may have
     * @param announced bytes that the header says it has, 0 if it does not say
     */
    RequestBody(ByteBufAllocator allocator, int limit, long announced) {
        this.allocator = allocator;
        this.limit = limit;
        this.announced = announced;
    }

    /** Adds bytes, which stay the caller's; returns false, adding nothing, if that would exceed the limit. */
    boolean add(ByteBuf bytes) {
        int more = bytes.readableBytes();
        if (more == 0) {
            return true;
        }
        int needed = buffer.readableBytes() + more;
        if (needed > limit || needed < 0) {
            return false;
        }
        if (buffer.capacity() == 0) {
            buffer = allocator.heapBuffer(Math.max(more, Math.min(FIRST_CAPACITY, limit)), limit);
        } else if (needed > buffer.capacity()) {
            buffer.capacity(grown(needed));
        }
        buffer.writeBytes(bytes, bytes.readerIndex(), more);
        return true;
    }

    private int grown(int needed) {
        long more = announced >= needed ? Math.min(announced, (long) GROWTH * needed) : 2L * buffer.capacity();
        return (int) Math.min(limit, Math.max(needed, more));
    }

    /** Makes a change for good. */
    void change(BodyEdit change) {
        int length = length() + change.growth();
        var changed = allocator.heapBuffer(length, length);
        changed.writeBytes(buffer, buffer.readerIndex(), change.at());
        changed.writeCharSequence(change.inserted(), StandardCharsets.US_ASCII);
        changed.writeBytes(buffer, buffer.readerIndex() + change.at() + change.removed(), changed.writableBytes());
        buffer.release();
        buffer = changed;
    }

    int length() {
        return buffer.readableBytes();
    }

    /** Returns the array that holds the body from {@link #arrayOffset} on. */
    byte[] array() {
        return buffer.array();
    }

    int arrayOffset() {
        return buffer.arrayOffset() + buffer.readerIndex();
    }

    /** Returns all of it, to be sent in one piece. */
    ByteBuf whole() {
        return buffer.retainedSlice();
    }

    /** Begins anew with sending, with a change or without. */
    void rewind(@Nullable BodyEdit change) {
        sent = 0;
        edit = change;
    }

    /** Returns the length of what is sent: the change is part of it. */
    int sentLength() {
        return edit == null ? length() : length() + edit.growth();
    }

    /** Returns the next piece to send; it is the last one if it is a {@code LastHttpContent}. */
    HttpContent nextPiece() {
        int left = sentLength() - sent;
        int size = Math.min(left, PIECE);
        var piece = edit == null ? buffer.retainedSlice(buffer.readerIndex() + sent, size) : edited(edit, size);
        sent += size;
        return size == left ? new DefaultLastHttpContent(piece) : new DefaultHttpContent(piece);
    }

    private ByteBuf edited(BodyEdit change, int size) {
        int insertedEnd = change.at() + change.inserted().length();
        if (sent >= insertedEnd) {
            return buffer.retainedSlice(buffer.readerIndex() + sent - change.growth(), size);
        }
        if (sent + size <= change.at()) {
            return buffer.retainedSlice(buffer.readerIndex() + sent, size);
        }
        var piece = allocator.heapBuffer(size, size);
        int before = Math.max(0, change.at() - sent);
        piece.writeBytes(buffer, buffer.readerIndex() + sent, before);
        int from = sent + before - change.at();
        int to = Math.min(change.inserted().length(), from + size - before);
        piece.writeCharSequence(change.inserted().substring(from, to), StandardCharsets.US_ASCII);
        return piece.writeBytes(buffer, buffer.readerIndex() + change.at() + change.removed(), piece.writableBytes());
    }

    void release() {
        buffer.release();
        buffer = Unpooled.EMPTY_BUFFER;
    }
}
