package dev.warmgate.proxy;

import dev.warmgate.dialect.BodyEdit;
import dev.warmgate.proxy.wire.head.LastContent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that is understood, whole.
 *
 * <p>Why whole: the endpoint follows from the prompt, and JSON lets {@code model} and {@code messages} stand anywhere,
 * so no byte can be sent before the last one is read. Kept until the answer begins, so that another endpoint can be tried
 * with the same bytes.
 *
 * <p>Large reads, and bodies that come in one, are kept as they came; smaller reads are put together, and so is all
 * of a body that becomes very large, because there is less native memory than heap. The scanner wants one array: a body of
 * several pieces is copied into one that all requests of the event loop share.
 *
 * <p>Memory follows what has arrived: at most eight times as much while no more than that was announced, else twice as
 * much. So a body is hardly copied again as it grows, and a header that announces much gets nothing for it.
 */
final class RequestBody {
    /** What of the heap is sent at a time: the transport copies each piece into native memory until it is on the wire. */
    private static final int PIECE = 128 << 10;

    /** A read of fewer bytes is copied if it is not all: many of them would be many buffers. */
    private static final int LEAST_KEPT = 16 << 10;

    /** A body of more bytes is put together. */
    private static final int MOST_KEPT = 1 << 20;

    /** A body of no more bytes is changed by a copy, so that it leaves in one buffer. */
    private static final int MOST_COPIED = 16 << 10;

    private static final int FIRST_CAPACITY = 8 << 10;

    private static final int GROWTH = 8;

    private final ByteBufAllocator allocator;
    private final int limit;
    private final long announced;
    private final List<ByteBuf> pieces = new ArrayList<>(1);

    /** The last piece, if it is ours and may grow. */
    private @Nullable ByteBuf tail;

    private int length;

    private List<ByteBuf> outgoing = List.of();
    private int sent;
    private int sentLength;

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
        if (length + more > limit || length + more < 0) {
            return false;
        }
        if (length + more > MOST_KEPT && (tail == null || pieces.size() > 1)) {
            putTogether(more);
        }
        tailFor(more).writeBytes(bytes, bytes.readerIndex(), more);
        length += more;
        return true;
    }

    /** Adds bytes in the same way, but may keep their buffer, which must not change any more, in place of a copy. */
    boolean addOrKeep(ByteBuf bytes) {
        int more = bytes.readableBytes();
        if ((more < LEAST_KEPT && !isAll(more)) || !fills(bytes, more) || length + more > Math.min(limit, MOST_KEPT)) {
            return add(bytes);
        }
        pieces.add(bytes.retain());
        tail = null;
        length += more;
        return true;
    }

    /** Whether bytes are a body that came in one piece. */
    private boolean isAll(int size) {
        return length == 0 && size == announced;
    }

    /** Whether bytes are at least half of the native memory that keeping them would keep. */
    private static boolean fills(ByteBuf bytes, int size) {
        var whole = bytes.unwrap() == null ? bytes : bytes.unwrap();
        return bytes.isDirect() && size >= whole.capacity() / 2;
    }

    /** Makes all that has come the tail, with room for more. */
    private void putTogether(int more) {
        var all = allocator.heapBuffer(grown(length + more, announced, length), limit);
        pieces.forEach(piece -> {
            all.writeBytes(piece);
            piece.release();
        });
        pieces.clear();
        pieces.add(all);
        tail = all;
    }

    private ByteBuf tailFor(int more) {
        var last = tail;
        if (last == null) {
            last = allocator.heapBuffer(Math.max(more, Math.min(FIRST_CAPACITY, limit)), limit);
            pieces.add(last);
            tail = last;
        }
        int needed = last.readableBytes() + more;
        if (needed > last.capacity()) {
            long expected = announced - (length - last.readableBytes());
            last.capacity(grown(needed, expected, last.capacity()));
        }
        return last;
    }

    /** Returns the capacity of a tail that needs so much, of which so much is announced. */
    private int grown(int needed, long expected, int before) {
        long more = expected >= needed ? Math.min(expected, (long) GROWTH * needed) : 2L * before;
        return (int) Math.min(limit, Math.max(needed, more));
    }

    /** Makes a change for good. */
    void change(BodyEdit change) {
        var changed = around(change);
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        pieces.addAll(changed);
        tail = null;
        length += change.growth();
    }

    int length() {
        return length;
    }

    /**
     * Returns the body in one array, which must not be written to: its own if it is in one piece, else the shared one.
     *
     * @return from position to limit; good until the body or the shared array is used for something else
     */
    ByteBuffer bytes(SharedArray shared) {
        if (pieces.isEmpty()) {
            return ByteBuffer.allocate(0);
        }
        var first = pieces.getFirst();
        if (pieces.size() == 1 && first.hasArray()) {
            return ByteBuffer.wrap(first.array(), first.arrayOffset() + first.readerIndex(), length);
        }
        byte[] array = shared.of(length);
        int at = 0;
        for (var piece : pieces) {
            int size = piece.readableBytes();
            piece.getBytes(piece.readerIndex(), array, at, size);
            at += size;
        }
        return ByteBuffer.wrap(array, 0, length);
    }

    /** Returns all of a body to which bytes were only added, to be sent in one piece. */
    ByteBuf whole() {
        return pieces.isEmpty() ? Unpooled.EMPTY_BUFFER : pieces.getFirst().retainedSlice();
    }

    /** Returns whether large reads of it are kept: most of it is where the transport wants it, and it is not very large. */
    boolean isNative() {
        for (var piece : pieces) {
            if (piece.isDirect()) {
                return true;
            }
        }
        return false;
    }

    /** Begins anew with sending, with a change or without. */
    void rewind(@Nullable BodyEdit change) {
        releaseOutgoing();
        outgoing = around(change);
        sentLength = change == null ? length : length + change.growth();
    }

    /** Returns the length of what is sent: the change is part of it. */
    int sentLength() {
        return sentLength;
    }

    /** Returns the next piece to send; it is the last one if it is a {@code LastHttpContent}. */
    HttpContent nextPiece() {
        var piece = outgoing.isEmpty() ? Unpooled.EMPTY_BUFFER : outgoing.get(sent++);
        return sent == outgoing.size() ? new LastContent(piece) : new DefaultHttpContent(piece);
    }

    /** Returns the body with a change or without, in pieces that are the caller's. */
    private List<ByteBuf> around(@Nullable BodyEdit change) {
        var all = new ArrayList<ByteBuf>(1);
        if (change == null) {
            addSlices(0, length, all);
            return all;
        }
        int behind = change.at() + change.removed();
        addSlices(0, change.at(), all);
        all.add(Unpooled.copiedBuffer(change.inserted(), StandardCharsets.US_ASCII));
        addSlices(behind, length, all);
        int size = length + change.growth();
        if (size > MOST_COPIED) {
            return all;
        }
        var one = allocator.heapBuffer(size, size);
        all.forEach(part -> {
            one.writeBytes(part);
            part.release();
        });
        return List.of(one);
    }

    private void addSlices(int from, int to, List<ByteBuf> into) {
        int begin = 0;
        for (var piece : pieces) {
            int end = begin + piece.readableBytes();
            int most = piece.hasArray() ? PIECE : Integer.MAX_VALUE;
            for (int at = Math.max(from, begin); at < Math.min(to, end); ) {
                int size = Math.min(Math.min(to, end) - at, most);
                into.add(piece.retainedSlice(piece.readerIndex() + at - begin, size));
                at += size;
            }
            begin = end;
        }
    }

    private void releaseOutgoing() {
        for (int i = sent; i < outgoing.size(); i++) {
            outgoing.get(i).release();
        }
        outgoing = List.of();
        sent = 0;
    }

    void release() {
        releaseOutgoing();
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        tail = null;
        length = 0;
    }
}
