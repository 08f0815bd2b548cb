package dev.warmgate.engine;

import dev.warmgate.engine.EndpointConnection.Question;
import dev.warmgate.engine.EndpointHttp.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The header of a question or an answer in HTTP/2 (RFC 7541), as far as questions need it: nothing that is sent is to be
 * remembered, and of what comes only the status and the server's name are of interest. The other side must have been told
 * that there is no dynamic table.
 */
final class HeaderBlock {
    // Places in the static table (RFC 7541 Appendix A).
    private static final int AUTHORITY = 1;
    private static final int METHOD_GET = 2;
    private static final int METHOD_POST = 3;
    private static final int PATH = 4;
    private static final int SCHEME_HTTP = 6;
    private static final int SCHEME_HTTPS = 7;
    private static final int FIRST_STATUS = 8;
    private static final int[] STATUSES = {200, 204, 206, 304, 400, 404, 500};
    private static final int SERVER = 54;
    private static final int STATIC = 61;

    private static final int INDEXED = 0x80;
    private static final int REMEMBERED = 0x40;
    private static final int TABLE_SIZE = 0x20;
    private static final int NEVER_REMEMBERED = 0x10;
    private static final String BROKEN = "a header is not coded well";

    private final byte[] block;
    private int at;

    private HeaderBlock(byte[] block) {
        this.block = block;
    }

    /** Returns the header of a question. */
    static byte[] question(Question question) {
        var out = new ByteArrayOutputStream(256);
        integer(out, INDEXED, 7, question.post() ? METHOD_POST : METHOD_GET);
        integer(out, INDEXED, 7, question.tls() ? SCHEME_HTTPS : SCHEME_HTTP);
        integer(out, 0, 4, AUTHORITY);
        text(out, question.authority());
        integer(out, 0, 4, PATH);
        text(out, question.path());
        question.fields().forEach((name, value) -> {
            // No table anywhere on the way may keep a key (section 7.1.3).
            integer(out, NEVER_REMEMBERED, 4, 0);
            text(out, name);
            text(out, value);
        });
        return out.toByteArray();
    }

    /**
     * Reads the header of an answer.
     *
     * @throws IOException if it is broken, or has no status
     */
    static Answer answer(byte[] block) throws IOException {
        return new HeaderBlock(block).read();
    }

    private Answer read() throws IOException {
        int status = -1;
        String server = null;
        while (at < block.length) {
            int first = block[at];
            if ((first & INDEXED) != 0) {
                int index = integer(7);
                if (index == 0 || index > STATIC) {
                    throw new IOException(BROKEN);
                }
                status = status(index, status);
            } else if ((first & REMEMBERED) == 0 && (first & TABLE_SIZE) != 0) {
                integer(5);
            } else {
                String name = name(integer((first & REMEMBERED) == 0 ? 4 : 6));
                String value = text();
                if (name.equals(":status")) {
                    status = status(value);
                } else if (name.equals("server")) {
                    server = value;
                }
            }
        }
        if (status < 0) {
            throw new IOException("an answer without a status");
        }
        return new Answer(status, server);
    }

    private static int status(int index, int before) {
        int place = index - FIRST_STATUS;
        return place >= 0 && place < STATUSES.length ? STATUSES[place] : before;
    }

    private static int status(String value) throws IOException {
        if (value.length() != 3 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IOException("a status that is no number");
        }
        return Integer.parseInt(value);
    }

    /** Returns a field's name, empty if it is of no interest. */
    private String name(int index) throws IOException {
        if (index == 0) {
            return text();
        }
        if (index > STATIC) {
            throw new IOException(BROKEN);
        }
        boolean status = index >= FIRST_STATUS && index < FIRST_STATUS + STATUSES.length;
        return status ? ":status" : index == SERVER ? "server" : "";
    }

    private String text() throws IOException {
        boolean huffman = at < block.length && block[at] < 0;
        int length = integer(7);
        int from = at;
        if (length > block.length - from) {
            throw new IOException(BROKEN);
        }
        at += length;
        return huffman
                ? HpackHuffman.decode(block, from, at)
                : new String(block, from, length, StandardCharsets.ISO_8859_1);
    }

    /** Reads an integer that begins in the last bits of a byte (section 5.1). */
    private int integer(int bits) throws IOException {
        int most = (1 << bits) - 1;
        int value = next() & most;
        if (value < most) {
            return value;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            int part = next();
            value += (part & 0x7f) << shift;
            if ((part & 0x80) == 0) {
                return value;
            }
        }
        throw new IOException(BROKEN);
    }

    private int next() throws IOException {
        if (at == block.length) {
            throw new IOException(BROKEN);
        }
        return block[at++];
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        integer(out, 0, 7, bytes.length);
        out.writeBytes(bytes);
    }

    private static void integer(ByteArrayOutputStream out, int flags, int bits, int value) {
        int most = (1 << bits) - 1;
        if (value < most) {
            out.write(flags | value);
            return;
        }
        out.write(flags | most);
        int rest = value - most;
        while (rest >= 0x80) {
            out.write((rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        out.write(rest);
    }
}
