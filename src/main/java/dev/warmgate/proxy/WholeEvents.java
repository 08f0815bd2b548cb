package dev.warmgate.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Lets a stream of events pass in whole events: the beginning of one is held until its end has come. So a stream whose
 * engine dies always stands between two events at its client's, where an event of our own can tell of it; of half an
 * event a client has no use anyway.
 *
 * <p>Engines write whole events, so that mostly all passes as it came. An event of more than {@link #MOST_HELD} bytes
 * passes in pieces. Lines may end with LF or CRLF; events whose lines end with CR alone are taken for one long one.
 *
 * <p>Confined to one event loop; whoever is done with it calls {@link #release}.
 */
final class WholeEvents {
    /** Bytes of one event that are held at most. */
    static final int MOST_HELD = 256 << 10;

    private @Nullable ByteBuf held;

    /** Line feeds at the end of what has come, carriage returns apart: two of them end an event. */
    private int lineFeeds = 2;

    /** What has passed ends inside an event that was too long to be held. */
    private boolean inside;

    /** Takes over content, and returns what of it and of what was held may pass, perhaps nothing. */
    HttpContent pass(HttpContent content) {
        var bytes = content.content();
        int end = endOfEvents(bytes);
        if (held == null && (end == bytes.writerIndex() || (end < 0 && inside) || !bytes.isReadable())) {
            inside &= end < 0;
            return content;
        }
        int from = end < 0 ? bytes.readerIndex() : end;
        inside &= end < 0;
        var passing = bytes.retainedSlice(bytes.readerIndex(), from - bytes.readerIndex());
        if (end >= 0 && held != null) {
            passing = Unpooled.wrappedBuffer(held, passing);
            held = null;
        }
        hold(bytes.slice(from, bytes.writerIndex() - from));
        if (held != null && held.readableBytes() > MOST_HELD) {
            passing = Unpooled.wrappedBuffer(passing, held);
            held = null;
            inside = true;
        }
        var replaced = content.replace(passing);
        content.release();
        return replaced;
    }

    private void hold(ByteBuf part) {
        if (part.isReadable()) {
            if (held == null) {
                held = part.alloc().buffer(part.readableBytes());
            }
            held.writeBytes(part);
        }
    }

    /** Returns the index behind the last event that ends in the bytes, or -1, and takes note of how they end. */
    private int endOfEvents(ByteBuf bytes) {
        int feeds = 0;
        int behind = -1;
        boolean atEnd = true;
        int before = lineFeeds;
        for (int i = bytes.writerIndex() - 1; i >= bytes.readerIndex(); i--) {
            byte b = bytes.getByte(i);
            if (b == '\n') {
                behind = feeds == 0 ? i + 1 : behind;
                feeds++;
                if (feeds == 2) {
                    lineFeeds = atEnd ? feeds : lineFeeds;
                    return behind;
                }
            } else if (b != '\r') {
                lineFeeds = atEnd ? feeds : lineFeeds;
                atEnd = false;
                feeds = 0;
            }
        }
        if (atEnd) {
            lineFeeds += feeds;
        }
        return feeds > 0 && feeds + before >= 2 ? behind : -1;
    }

    /** Returns whether what has passed ends between two events. */
    boolean between() {
        return !inside;
    }

    /** Takes over the last content as it passed, and returns it with what is held behind it. */
    HttpContent rest(HttpContent last) {
        if (held == null) {
            return last;
        }
        var replaced = last.replace(Unpooled.wrappedBuffer(last.content().retainedSlice(), held));
        held = null;
        last.release();
        return replaced;
    }

    void release() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
