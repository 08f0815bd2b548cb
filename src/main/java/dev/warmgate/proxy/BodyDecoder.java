package dev.warmgate.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a request's body while it comes: {@code gzip} (RFC 1952), of several members too, or {@code deflate}, which is the
 * format of zlib (RFC 1950; RFC 9110 section 8.4.1.2). Nothing is kept but what was decoded.
 *
 * <p>What a body may become is bounded: by the limit of bodies, and beyond the first {@link #FREE} bytes by
 * {@link #LARGEST_RATIO} times what came. So a small body cannot cost much time, however well it is packed. Strict: each
 * checksum counts, and nothing may stand behind the end.
 *
 * <p>Holds native memory until {@link #release}. Confined to its event loop.
 */
final class BodyDecoder {
    /** What is decoded, as {@code Accept-Encoding} says it. */
    static final String TAKEN = "gzip, deflate";

    /** Prompts, which are text and images, pack to a tenth at best. */
    static final int LARGEST_RATIO = 50;

    static final int FREE = 1 << 20;

    private static final int PART = 8 << 10;

    // RFC 1952 section 2.3.1: bits of FLG.
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    /** What became of some bytes. */
    enum Verdict {
        GOOD,
        TOO_LARGE,
        BROKEN
    }

    private enum Step {
        /** The first ten bytes of a member's header. */
        HEADER,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CRC,
        DATA,
        TRAILER,
        /** Behind a member: another may follow. */
        BETWEEN,
        /** Behind the end of zlib's format. */
        END
    }

    private final boolean gzip;
    private final long limit;
    private final Inflater inflater;
    private final byte[] part = new byte[PART];
    private final CRC32 crc = new CRC32();
    private final byte[] field = new byte[10];
    private int fieldLength;
    private int flags;
    private int extraLeft;
    private long taken;
    private long given;
    private Step step;

    private BodyDecoder(boolean gzip, long limit) {
        this.gzip = gzip;
        this.limit = limit;
        this.inflater = new Inflater(gzip);
        this.step = gzip ? Step.HEADER : Step.DATA;
    }

    /** Returns what a header says a body went through, without what changes nothing, in lower case. */
    static List<String> codings(HttpHeaders headers) {
        if (!headers.contains(HttpHeaderNames.CONTENT_ENCODING)) {
            return List.of();
        }
        var codings = new ArrayList<String>();
        for (String line : headers.getAll(HttpHeaderNames.CONTENT_ENCODING)) {
            for (String coding : line.split(",", -1)) {
                String name = coding.strip().toLowerCase(Locale.ROOT);
                if (!name.isEmpty() && !name.equals("identity")) {
                    codings.add(name);
                }
            }
        }
        return codings;
    }

    /** Returns whether a body that went through these can be decoded: one of those known, because chains multiply. */
    static boolean takes(List<String> codings) {
        return codings.size() == 1
                && switch (codings.getFirst()) {
                    case "gzip", "x-gzip", "deflate" -> true;
                    default -> false;
                };
    }

    /**
     * Returns a decoder for the body behind a header, or null if there is nothing to decode, or nothing that it could.
     *
     * @param limit bytes that the body may have, before and after
     */
    static @Nullable BodyDecoder of(HttpHeaders headers, long limit) {
        var codings = codings(headers);
        return takes(codings) ? new BodyDecoder(!codings.getFirst().equals("deflate"), limit) : null;
    }

    /** Decodes bytes, which stay the caller's. After anything but good it must not be asked again. */
    Verdict decode(ByteBuf bytes, RequestBody into) {
        taken += bytes.readableBytes();
        if (taken > limit) {
            return Verdict.TOO_LARGE;
        }
        var in = bytes.nioBuffer();
        var verdict = Verdict.GOOD;
        while (in.hasRemaining() && verdict == Verdict.GOOD) {
            verdict = step == Step.DATA ? inflate(in, into) : frame(in);
        }
        return verdict;
    }

    /** Returns whether the body may end here. */
    boolean complete() {
        return step == Step.BETWEEN || step == Step.END;
    }

    private Verdict inflate(ByteBuffer in, RequestBody into) {
        inflater.setInput(in);
        while (true) {
            int length;
            try {
                length = inflater.inflate(part);
            } catch (DataFormatException e) {
                return Verdict.BROKEN;
            }
            if (length == 0) {
                if (inflater.finished()) {
                    step = gzip ? Step.TRAILER : Step.END;
                }
                return inflater.needsDictionary() ? Verdict.BROKEN : Verdict.GOOD;
            }
            given += length;
            crc.update(part, 0, length);
            if (given > FREE + LARGEST_RATIO * taken || !into.add(Unpooled.wrappedBuffer(part, 0, length))) {
                return Verdict.TOO_LARGE;
            }
        }
    }

    /** Reads one byte of what stands around the data. */
    private Verdict frame(ByteBuffer in) {
        byte next = in.get();
        if (step != Step.TRAILER && step != Step.HEADER_CRC) {
            crc.update(next);
        }
        return switch (step) {
            case BETWEEN, HEADER -> {
                step = Step.HEADER;
                yield filled(next, 10) ? begin() : Verdict.GOOD;
            }
            case EXTRA_LENGTH -> {
                if (filled(next, 2)) {
                    extraLeft = littleEndian(0, 2);
                    after(extraLeft == 0 ? EXTRA : 0);
                    step = extraLeft == 0 ? step : Step.EXTRA;
                }
                yield Verdict.GOOD;
            }
            case EXTRA -> {
                if (--extraLeft == 0) {
                    after(EXTRA);
                }
                yield Verdict.GOOD;
            }
            case NAME -> {
                if (next == 0) {
                    after(NAME);
                }
                yield Verdict.GOOD;
            }
            case COMMENT -> {
                if (next == 0) {
                    after(COMMENT);
                }
                yield Verdict.GOOD;
            }
            case HEADER_CRC -> {
                if (!filled(next, 2)) {
                    yield Verdict.GOOD;
                }
                boolean right = littleEndian(0, 2) == (int) (crc.getValue() & 0xffff);
                after(HEADER_CRC);
                yield right ? Verdict.GOOD : Verdict.BROKEN;
            }
            case TRAILER -> filled(next, 8) ? end() : Verdict.GOOD;
            case DATA, END -> Verdict.BROKEN;
        };
    }

    private boolean filled(byte next, int length) {
        field[fieldLength++] = next;
        if (fieldLength < length) {
            return false;
        }
        fieldLength = 0;
        return true;
    }

    private int littleEndian(int at, int length) {
        int value = 0;
        for (int i = length - 1; i >= 0; i--) {
            value = value << 8 | (field[at + i] & 255);
        }
        return value;
    }

    /** Ten bytes of header: ID1, ID2, CM (8 is deflate), FLG, MTIME, XFL, OS. */
    private Verdict begin() {
        flags = field[3] & 255;
        if (field[0] != 0x1f || field[1] != (byte) 0x8b || field[2] != 8 || (flags & RESERVED) != 0) {
            return Verdict.BROKEN;
        }
        after(0);
        return Verdict.GOOD;
    }

    /** Goes on to the next part of the header that there is, one having been read. */
    private void after(int part) {
        flags &= ~part;
        if ((flags & EXTRA) != 0) {
            step = Step.EXTRA_LENGTH;
        } else if ((flags & NAME) != 0) {
            step = Step.NAME;
        } else if ((flags & COMMENT) != 0) {
            step = Step.COMMENT;
        } else if ((flags & HEADER_CRC) != 0) {
            step = Step.HEADER_CRC;
        } else {
            step = Step.DATA;
            crc.reset();
            inflater.reset();
        }
    }

    private Verdict end() {
        boolean right =
                littleEndian(0, 4) == (int) crc.getValue() && littleEndian(4, 4) == (int) inflater.getBytesWritten();
        step = Step.BETWEEN;
        crc.reset();
        return right ? Verdict.GOOD : Verdict.BROKEN;
    }

    void release() {
        inflater.end();
    }
}
