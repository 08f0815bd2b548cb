package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.dialect.BodyEdit;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
    private static final int PIECE = 128 << 10;

    @Test
    void aChangeIsAllThatDiffers() {
        byte[] bytes = new byte[2 * PIECE + 1000];
        new Random(3).nextBytes(bytes);
        var body = new RequestBody(ByteBufAllocator.DEFAULT, 1 << 20, 0);
        try {
            assertThat(body.add(Unpooled.wrappedBuffer(bytes))).isTrue();
            String inserted = "0123456789".repeat(4);
            for (int border : new int[] {PIECE, 2 * PIECE}) {
                for (int at = border - 50; at < border + 12; at++) {
                    check(body, bytes, new BodyEdit(at, at % 6, inserted));
                }
            }
            check(body, bytes, new BodyEdit(0, 0, inserted));
            check(body, bytes, new BodyEdit(1, 4, "true"));
            check(body, bytes, new BodyEdit(bytes.length - 3, 3, "x"));
            check(body, bytes, new BodyEdit(bytes.length, 0, inserted));
            check(body, bytes, null);
        } finally {
            body.release();
        }
    }

    private static void check(RequestBody body, byte[] bytes, @Nullable BodyEdit edit) {
        var expected = new ByteArrayOutputStream();
        if (edit == null) {
            expected.writeBytes(bytes);
        } else {
            expected.write(bytes, 0, edit.at());
            expected.writeBytes(edit.inserted().getBytes(US_ASCII));
            int rest = edit.at() + edit.removed();
            expected.write(bytes, rest, bytes.length - rest);
        }
        body.rewind(edit);
        assertThat(body.sentLength()).isEqualTo(expected.size());
        var sent = new ByteArrayOutputStream();
        HttpContent piece;
        do {
            piece = body.nextPiece();
            sent.writeBytes(ByteBufUtil.getBytes(piece.content()));
            piece.release();
        } while (!(piece instanceof LastHttpContent));
        assertThat(sent.toByteArray()).as("%s", edit).isEqualTo(expected.toByteArray());
    }
}
