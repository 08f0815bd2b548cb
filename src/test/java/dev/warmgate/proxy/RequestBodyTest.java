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
import java.util.Arrays;
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

    @Test
    void whatCameInLargeReadsIsKeptAndChangedInTheSameWay() {
        byte[] bytes = new byte[2 * PIECE + 1000];
        new Random(5).nextBytes(bytes);
        var body = new RequestBody(ByteBufAllocator.DEFAULT, 1 << 20, bytes.length);
        int[] reads = {1000, 60_000, 10, 20, 70_000, 100_000};
        int at = 0;
        try {
            for (int size : reads) {
                at += collect(body, bytes, at, size);
            }
            collect(body, bytes, at, bytes.length - at);
            var shared = new SharedArray();
            var all = body.bytes(shared);
            int from = all.arrayOffset() + all.position();
            assertThat(all.array()).isSameAs(shared.of(1));
            assertThat(Arrays.copyOfRange(all.array(), from, from + all.remaining()))
                    .isEqualTo(bytes);
            for (int border : new int[] {0, 1000, 61_000, 61_030, 131_030, 231_030}) {
                for (int edit = Math.max(0, border - 12); edit < border + 12; edit++) {
                    check(body, bytes, new BodyEdit(edit, edit % 6, "0123456789"));
                }
            }
            check(body, bytes, null);
            body.change(new BodyEdit(61_020, 5, "model"));
            System.arraycopy("model".getBytes(US_ASCII), 0, bytes, 61_020, 5);
            check(body, bytes, null);
            check(body, bytes, new BodyEdit(61_022, 0, "x"));
        } finally {
            body.release();
        }
    }

    @Test
    void aSmallPartOfALargeBufferIsCopied() {
        var read = ByteBufAllocator.DEFAULT.directBuffer(256 << 10).writeZero(40_000);
        var body = new RequestBody(ByteBufAllocator.DEFAULT, 1 << 20, 0);
        assertThat(body.addOrKeep(read)).isTrue();
        assertThat(read.refCnt()).isEqualTo(1);
        assertThat(body.length()).isEqualTo(40_000);
        assertThat(read.release()).isTrue();
        body.release();
    }

    @Test
    void aBodyThatComesInOneReadIsKept() {
        var read = ByteBufAllocator.DEFAULT.directBuffer(8 << 10).writeZero(300);
        var slice = read.slice(read.readerIndex(), 4 << 10).setZero(0, 4 << 10);
        var body = new RequestBody(ByteBufAllocator.DEFAULT, 1 << 20, 4 << 10);
        assertThat(body.addOrKeep(slice)).isTrue();
        assertThat(read.refCnt()).isEqualTo(2);
        check(body, new byte[4 << 10], null);
        check(body, new byte[4 << 10], new BodyEdit(17, 3, "abc"));
        body.release();
        assertThat(read.release()).isTrue();
    }

    @Test
    void aReadThatIsNotAllOfASmallBodyIsCopied() {
        var read = ByteBufAllocator.DEFAULT.directBuffer(4 << 10).writeZero(4 << 10);
        var body = new RequestBody(ByteBufAllocator.DEFAULT, 1 << 20, 5 << 10);
        assertThat(body.addOrKeep(read)).isTrue();
        assertThat(read.release()).isTrue();
        body.release();
    }

    @Test
    void aBodyThatBecomesVeryLargeIsPutTogether() {
        byte[] bytes = new byte[(2 << 20) + 77];
        new Random(7).nextBytes(bytes);
        for (int first : new int[] {10, 40_000}) {
            var body = new RequestBody(ByteBufAllocator.DEFAULT, 4 << 20, bytes.length);
            int at = collect(body, bytes, 0, first);
            while (at < bytes.length) {
                at += collect(body, bytes, at, Math.min(50_000, bytes.length - at));
            }
            var shared = new SharedArray();
            byte[] before = shared.of(1);
            var all = body.bytes(shared);
            assertThat(shared.of(1)).isSameAs(before);
            assertThat(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(all))).isEqualTo(bytes);
            check(body, bytes, null);
            body.change(new BodyEdit(40_100, 0, "x"));
            assertThat(body.isNative()).isFalse();
            body.release();
        }
    }

    @Test
    void whatIsTooLargeIsNotKept() {
        var read = ByteBufAllocator.DEFAULT.directBuffer(PIECE).writeZero(PIECE);
        var body = new RequestBody(ByteBufAllocator.DEFAULT, PIECE + 1, 0);
        assertThat(body.addOrKeep(read)).isTrue();
        assertThat(body.addOrKeep(read)).isFalse();
        assertThat(body.length()).isEqualTo(PIECE);
        assertThat(read.refCnt()).isEqualTo(2);
        body.release();
        assertThat(read.release()).isTrue();
    }

    private static int collect(RequestBody body, byte[] bytes, int from, int size) {
        var read = ByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(bytes, from, size);
        assertThat(body.addOrKeep(read)).isTrue();
        read.release();
        return size;
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
