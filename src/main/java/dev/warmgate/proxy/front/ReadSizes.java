package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.DelegatingHandle;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How much of one connection is read at a time: about what came the times before, or where a read was full and it is known
 * what has still to come of a large body, all of that; so such a body needs few reads and few buffers. Confined to the
 * connection's event loop.
 *
 * <p>A buffer is made when there is something to be read: a client that announces much and sends nothing gets none.
 */
final class ReadSizes implements RecvByteBufAllocator {
    /** What is read at a time at most, in bytes. */
    static final int MOST = 512 << 10;

    private long expected;

    /** Makes a connection read in this way, before it is read for the first time. */
    static ReadSizes install(Channel channel) {
        var sizes = new ReadSizes();
        channel.config().setRecvByteBufAllocator(sizes);
        return sizes;
    }

    /** So many bytes of a body have not come yet. */
    void expect(long bytes) {
        expected = bytes;
    }

    @Override
    public ExtendedHandle newHandle() {
        return new Reads((ExtendedHandle) Transport.READS.newHandle());
    }

    private final class Reads extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle adapting;

        /** Whether there was as much to be read as there was room for. */
        private boolean full;

        Reads(ExtendedHandle adapting) {
            super(adapting);
            this.adapting = adapting;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return takesAll() ? allocator.ioBuffer(guess()) : super.allocate(allocator);
        }

        @Override
        public int guess() {
            // One byte more than comes: a read that fills its buffer is followed by another.
            return takesAll() ? (int) Math.min(MOST, expected + 1) : super.guess();
        }

        private boolean takesAll() {
            return full && expected >= Transport.MOST_READ;
        }

        @Override
        public void lastBytesRead(int bytes) {
            full = bytes == attemptedBytesRead();
            super.lastBytesRead(bytes);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return adapting.continueReading(maybeMore);
        }
    }
}
