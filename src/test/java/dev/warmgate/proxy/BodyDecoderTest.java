package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.proxy.BodyDecoder.Verdict;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class BodyDecoderTest {
    private static final int LIMIT = 8 << 20;

    /** How decoding ended, and what came of it. */
    private record Result(
            Verdict verdict,
            boolean complete,
            @SuppressWarnings("ArrayRecordComponent") byte[] body) {}

    static byte[] gzip(byte[] plain) {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(plain);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    static byte[] deflate(byte[] plain, boolean raw) {
        var out = new ByteArrayOutputStream();
        var deflater = new Deflater(9, raw);
        try (var zip = new DeflaterOutputStream(out, deflater)) {
            zip.write(plain);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        deflater.end();
        return out.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static Result decode(String coding, byte[] encoded, int piece, int limit) {
        var headers = new DefaultHttpHeaders().set("Content-Encoding", coding);
        var decoder = requireNonNull(BodyDecoder.of(headers, limit), coding);
        var body = new RequestBody(ByteBufAllocator.DEFAULT, limit, 0);
        try {
            var verdict = Verdict.GOOD;
            for (int at = 0; at < encoded.length && verdict == Verdict.GOOD; at += piece) {
                verdict =
                        decoder.decode(Unpooled.wrappedBuffer(encoded, at, Math.min(piece, encoded.length - at)), body);
            }
            var bytes = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(body.bytes(new SharedArray())));
            return new Result(verdict, decoder.complete(), bytes);
        } finally {
            decoder.release();
            body.release();
        }
    }

    private static Result decode(String coding, byte[] encoded) {
        return decode(coding, encoded, encoded.length, LIMIT);
    }

    private static byte[] text(int length) {
        var random = new Random(5);
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) ('a' + random.nextInt(20));
        }
        return text;
    }

    @Test
    void howeverItIsCutWhatComesOutIsTheSame() {
        byte[] plain = text(70_000);
        for (int piece : new int[] {1, 7, 1_000, 65_536, 1 << 20}) {
            for (String coding : List.of("gzip", "X-GZip", "deflate", "identity, gzip")) {
                byte[] encoded = coding.equals("deflate") ? deflate(plain, false) : gzip(plain);
                var result = decode(coding, encoded, piece, LIMIT);
                assertThat(result.verdict()).as("%s by %d", coding, piece).isEqualTo(Verdict.GOOD);
                assertThat(result.complete()).isTrue();
                assertThat(result.body()).isEqualTo(plain);
            }
        }
    }

    /** RFC 1952 section 2.2: members one behind the other, of which some may be empty. */
    @Test
    void membersAreOneBody() {
        byte[] encoded = concat(gzip("one ".getBytes(US_ASCII)), gzip(new byte[0]), gzip("two".getBytes(US_ASCII)));
        for (int piece : new int[] {1, encoded.length}) {
            var result = decode("gzip", encoded, piece, LIMIT);
            assertThat(result.complete()).isTrue();
            assertThat(result.body()).asString(US_ASCII).isEqualTo("one two");
        }
    }

    @Test
    void allThatAHeaderMayHaveIsReadOver() {
        byte[] plain = gzip("hello".getBytes(US_ASCII));
        byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
        byte[] header = {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 3, 0, 'x', 'y', 'z', 'n', 0, 'c', 0};
        var crc = new CRC32();
        crc.update(header);
        byte[] sum = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
        for (int piece : new int[] {1, 100}) {
            var result = decode("gzip", concat(header, sum, rest), piece, LIMIT);
            assertThat(result.verdict()).isEqualTo(Verdict.GOOD);
            assertThat(result.body()).asString(US_ASCII).isEqualTo("hello");
        }
        sum[0]++;
        assertThat(decode("gzip", concat(header, sum, rest)).verdict()).isEqualTo(Verdict.BROKEN);
        header[3] = 4;
        header[10] = 0;
        byte[] emptyExtra = Arrays.copyOf(header, 12);
        assertThat(decode("gzip", concat(emptyExtra, rest)).complete()).isTrue();
    }

    @Test
    void whatIsBrokenIsFound() {
        byte[] good = gzip(text(5_000));
        for (int at : new int[] {0, 1, 2, good.length - 8, good.length - 1}) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            assertThat(decode("gzip", bad).verdict()).as("byte %d", at).isEqualTo(Verdict.BROKEN);
        }
        byte[] reserved = good.clone();
        reserved[3] = 0x20;
        assertThat(decode("gzip", reserved).verdict()).isEqualTo(Verdict.BROKEN);
        byte[] sum = deflate(text(5_000), false);
        sum[sum.length - 1] ^= 1;
        assertThat(decode("deflate", sum).verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(decode("deflate", deflate(text(5_000), true)).verdict()).isEqualTo(Verdict.BROKEN);
        var deflater = new Deflater();
        deflater.setDictionary("dictionary".getBytes(US_ASCII));
        deflater.setInput("dictionary".getBytes(US_ASCII));
        deflater.finish();
        byte[] keyed = new byte[100];
        int length = deflater.deflate(keyed);
        deflater.end();
        assertThat(decode("deflate", Arrays.copyOf(keyed, length)).verdict()).isEqualTo(Verdict.BROKEN);
    }

    @Test
    void nothingMayStandBehindTheEnd() {
        byte[] more = {0, 0};
        assertThat(decode("deflate", concat(deflate(text(100), false), more)).verdict())
                .isEqualTo(Verdict.BROKEN);
        var padded = decode("gzip", concat(gzip(text(100)), more));
        assertThat(padded.complete()).isFalse();
        assertThat(decode("gzip", concat(gzip(text(100)), new byte[10])).verdict())
                .isEqualTo(Verdict.BROKEN);
    }

    @Test
    void aBodyThatEndsTooEarlyIsNotComplete() {
        for (String coding : List.of("gzip", "deflate")) {
            byte[] encoded = coding.equals("gzip") ? gzip(text(3_000)) : deflate(text(3_000), false);
            for (int length = 0; length < encoded.length; length += 13) {
                assertThat(decode(coding, Arrays.copyOf(encoded, length)).complete())
                        .isFalse();
            }
        }
    }

    @Test
    void bombsAreStoppedSoonAfterTheirRatioShows() {
        var bomb = decode("gzip", gzip(new byte[64 << 20]), 1_000, 64 << 20);
        assertThat(bomb.verdict()).isEqualTo(Verdict.TOO_LARGE);
        assertThat(bomb.body().length).isLessThan(BodyDecoder.FREE + (1 << 20));
        // What is small enough may be packed as it likes.
        assertThat(decode("gzip", gzip(new byte[BodyDecoder.FREE])).verdict()).isEqualTo(Verdict.GOOD);
    }

    @Test
    void theLimitOfBodiesHoldsOnBothSides() {
        byte[] plain = text(10_000);
        assertThat(decode("gzip", gzip(plain), 100, 10_000).verdict()).isEqualTo(Verdict.GOOD);
        assertThat(decode("gzip", gzip(plain), 100, 9_999).verdict()).isEqualTo(Verdict.TOO_LARGE);
        // Of empty members nothing comes, but time goes.
        byte[] empty = gzip(new byte[0]);
        var nothing = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            nothing.writeBytes(empty);
        }
        assertThat(decode("gzip", nothing.toByteArray(), 100, 1_000).verdict()).isEqualTo(Verdict.TOO_LARGE);
    }

    @Test
    void randomBytesNeverDoHarm() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] good = gzip(text(2_000));
        for (int i = 0; i < 2_000; i++) {
            byte[] bad = good.clone();
            for (int k = random.nextInt(4); k >= 0; k--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            var result = decode("gzip", bad, 1 + random.nextInt(500), 4_000);
            if (result.verdict() == Verdict.GOOD && result.complete()) {
                assertThat(result.body()).as("seed %d", seed).isEqualTo(text(2_000));
            }
        }
    }
}
