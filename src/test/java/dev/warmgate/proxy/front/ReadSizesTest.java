package dev.warmgate.proxy.front;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ReadSizesTest {
    private static final int ADAPTED = 64 << 10;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ReadSizes sizes = ReadSizes.install(channel);
    private final ExtendedHandle reads = sizes.newHandle();

    /** Returns the size of the buffer of a read that is full, or finds less. */
    private int read(boolean full) {
        var buffer = reads.allocate(ByteBufAllocator.DEFAULT);
        int room = buffer.writableBytes();
        buffer.release();
        assertThat(reads.guess()).isEqualTo(room);
        reads.attemptedBytesRead(room);
        reads.lastBytesRead(full ? room : room / 2);
        return room;
    }

    @Test
    void theRestOfALargeBodyIsReadAtOnceOnceThereIsMuchToBeRead() {
        sizes.expect(400_000);
        assertThat(read(true)).isLessThanOrEqualTo(ADAPTED);
        assertThat(read(false)).isEqualTo(400_001);
        assertThat(read(true)).as("as little as came before").isLessThanOrEqualTo(ADAPTED);
    }

    @Test
    void noMoreThanABoundIsReadAtOnce() {
        sizes.expect(1L << 40);
        read(true);
        assertThat(read(true)).isEqualTo(ReadSizes.MOST);
    }

    @Test
    void whatIsNotLargeOrNotKnownIsReadAsUsual() {
        read(true);
        assertThat(read(true)).isLessThanOrEqualTo(ADAPTED);
        sizes.expect(ADAPTED - 1);
        assertThat(read(true)).isLessThanOrEqualTo(ADAPTED);
    }
}
