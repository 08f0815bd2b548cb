package dev.warmgate.proxy.front;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chunks of all numbers of digits. */
class ChunksTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 15, 16, 255, 256, 4095})
    void aChunkIsItsSizeInHexadecimalAndItsContent(int size) {
        var content = new DefaultHttpContent(Unpooled.copiedBuffer("x".repeat(size), US_ASCII));
        assertThat(Chunks.suits(content)).isTrue();
        var chunk = Chunks.frame(ByteBufAllocator.DEFAULT, content);
        assertThat(chunk.toString(US_ASCII)).isEqualTo(Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n");
        assertThat(content.refCnt()).isZero();
        chunk.release();
    }

    @Test
    void emptyLastAndLongContentIsLeftToTheEncoder() {
        assertThat(Chunks.suits(new DefaultHttpContent(Unpooled.EMPTY_BUFFER))).isFalse();
        assertThat(Chunks.suits(new DefaultLastHttpContent(Unpooled.wrappedBuffer(new byte[1]))))
                .isFalse();
        assertThat(Chunks.suits(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[4096]))))
                .isFalse();
    }
}
