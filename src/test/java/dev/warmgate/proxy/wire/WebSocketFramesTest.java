package dev.warmgate.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WebSocketFramesTest {
    /** Returns a frame of so many bytes, the length in the shortest form or a longer one. */
    private static byte[] frame(int opcode, boolean masked, int length, int lengthBytes) {
        int head = 2 + lengthBytes + (masked ? 4 : 0);
        byte[] frame = new byte[head + length];
        frame[0] = (byte) (0x80 | opcode);
        int first = lengthBytes == 0 ? length : lengthBytes == 2 ? 126 : 127;
        frame[1] = (byte) (first | (masked ? 0x80 : 0));
        for (int i = 0; i < Math.min(4, lengthBytes); i++) {
            frame[1 + lengthBytes - i] = (byte) (length >> (8 * i));
        }
        // What looks like closes is payload here.
        for (int i = head; i < frame.length; i++) {
            frame[i] = (byte) 0x88;
        }
        return frame;
    }

    @Test
    void framesEndWhereTheirHeadersSayHoweverTheyAreCut() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            var frames = new WebSocketFrames();
            for (int i = 0; i < 10; i++) {
                int lengthBytes = random.nextInt(3) == 0 ? 0 : random.nextBoolean() ? 2 : 8;
                int length = random.nextInt(lengthBytes == 0 ? 126 : 3_000);
                byte[] frame = frame(random.nextInt(3), random.nextBoolean(), length, lengthBytes);
                for (int at = 0; at < frame.length; ) {
                    assertThat(frames.between()).as("seed %d", seed).isEqualTo(at == 0);
                    int size = Math.min(frame.length - at, 1 + random.nextInt(500));
                    frames.read(Unpooled.wrappedBuffer(frame, at, size));
                    at += size;
                }
                assertThat(frames.between()).as("seed %d", seed).isTrue();
                assertThat(frames.closed()).as("seed %d", seed).isFalse();
            }
            frames.read(WebSocketFrames.close(1_000));
            assertThat(frames.closed()).isTrue();
            assertThat(frames.between()).isTrue();
        }
    }
}
