package dev.warmgate.picker.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import org.jspecify.annotations.Nullable;

/**
 * What is said on a connection, collected until all is said that one read, one task or one tick gives rise to. On the
 * connection's event loop, but for {@link #execute}.
 */
final class Outbox {
    /** Larger frames help nobody. */
    private static final int LARGEST_FRAME = 64 << 10;

    /** So much is written before all is said. */
    private static final int LARGE = 128 << 10;

    private static final int BEGINNING = 4 << 10;

    private final Channel channel;
    private @Nullable ByteBuf out;
    private boolean collecting;

    /** What the other side takes of all streams together. */
    private long window = Frames.DEFAULT_WINDOW;

    private int largestFrame = Frames.DEFAULT_FRAME;

    Outbox(Channel channel) {
        this.channel = channel;
    }

    /** Runs something on the event loop, and sends what it said. Any thread. */
    void execute(Runnable task) {
        channel.eventLoop().execute(() -> {
            task.run();
            if (!collecting) {
                flush();
            }
        });
    }

    /** From now on nothing is sent until {@link #send}. */
    void collect() {
        collecting = true;
    }

    void send() {
        collecting = false;
        flush();
    }

    private void flush() {
        if (out != null && out.isReadable()) {
            var all = out;
            out = null;
            var _ = channel.writeAndFlush(all, channel.voidPromise());
        }
    }

    /** Sends what was said as the last. */
    ChannelFuture sendLast() {
        var last = out();
        out = null;
        return channel.writeAndFlush(last);
    }

    void release() {
        if (out != null) {
            out.release();
            out = null;
        }
    }

    /** Returns where frames are added. */
    ByteBuf out() {
        if (out == null) {
            out = channel.alloc().directBuffer(BEGINNING);
        }
        return out;
    }

    /** Returns room for what has to wait. */
    ByteBuf buffer() {
        return channel.alloc().buffer();
    }

    /** Returns whether the socket takes more; else the other side is slow. */
    boolean takesMore() {
        return channel.isWritable();
    }

    // ---- Windows.

    /** Returns how much a stream with this window may send now. */
    long windowOf(long stream) {
        return Math.max(0, Math.min(window, stream));
    }

    void grow(int bytes) throws ProtocolError {
        window += bytes;
        if (window > Integer.MAX_VALUE) {
            throw new ProtocolError(ProtocolError.FLOW_CONTROL, "a window of " + window);
        }
    }

    void largestFrame(long bytes) {
        largestFrame = (int) Math.min(bytes, LARGEST_FRAME);
    }

    // ---- Data.

    /** Adds a message that is an array's end, with its prefix; there is a window for both. */
    void message(int stream, byte[] array, int from) {
        int length = array.length - from;
        window -= MessageReader.PREFIX + length;
        var to = out();
        to.ensureWritable(length + Frames.HEADER + MessageReader.PREFIX);
        int first = Math.min(length, largestFrame - MessageReader.PREFIX);
        Frames.header(to, MessageReader.PREFIX + first, Frames.DATA, 0, stream);
        to.writeByte(0).writeInt(length).writeBytes(array, from, first);
        for (int at = from + first; at < array.length; at += largestFrame) {
            int part = Math.min(largestFrame, array.length - at);
            Frames.header(to, part, Frames.DATA, 0, stream);
            to.writeBytes(array, at, part);
        }
        flushIfLarge(to);
    }

    /** Adds the first bytes of an array, for which there is a window. */
    void data(int stream, byte[] bytes, int length) {
        window -= length;
        var to = out();
        for (int at = 0; at < length; at += largestFrame) {
            int part = Math.min(largestFrame, length - at);
            Frames.header(to, part, Frames.DATA, 0, stream);
            to.writeBytes(bytes, at, part);
        }
        flushIfLarge(to);
    }

    /** Adds the next bytes of a buffer, for which there is a window. */
    void data(int stream, ByteBuf bytes, int length) {
        window -= length;
        var to = out();
        for (int at = 0; at < length; at += largestFrame) {
            int part = Math.min(largestFrame, length - at);
            Frames.header(to, part, Frames.DATA, 0, stream);
            to.writeBytes(bytes, part);
        }
        flushIfLarge(to);
    }

    private void flushIfLarge(ByteBuf collected) {
        if (collected.readableBytes() >= LARGE) {
            flush();
        }
    }
}
