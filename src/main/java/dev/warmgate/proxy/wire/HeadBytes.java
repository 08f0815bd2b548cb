package dev.warmgate.proxy.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Puts together what is written at once: a message's header (RFC 9112 sections 3 to 5), and short content in its frame. In an
 * array that is used again, so that its length is known before there is a buffer. Confined to one event loop.
 *
 * <p>That names and values hold no line's end is seen to where fields are set: Netty's headers refuse it.
 */
public final class HeadBytes {
    private static final int FIRST_CAPACITY = 1 << 10;

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int length;

    /** Appends a header. */
    void take(HttpMessage message) {
        if (message instanceof HttpRequest request) {
            put(request.method().asciiName());
            put((byte) ' ');
            put(request.uri());
            put((byte) ' ');
            put(request.protocolVersion().text());
        } else if (message instanceof HttpResponse response) {
            put(response.protocolVersion().text());
            put((byte) ' ');
            put(response.status().codeAsText());
            put((byte) ' ');
            put(response.status().reasonPhrase());
        } else {
            throw new IllegalArgumentException(message + " (expected: a request or a response)");
        }
        endLine();
        var fields = message.headers().iteratorCharSequence();
        while (fields.hasNext()) {
            var field = fields.next();
            put(field.getKey());
            put((byte) ':');
            put((byte) ' ');
            put(field.getValue());
            endLine();
        }
        endLine();
    }

    /** Begins anew, with nothing. */
    void clear() {
        length = 0;
    }

    /** Appends the first line of a chunk (RFC 9112 section 7.1). */
    void putChunkSize(int size) {
        int digits = (Integer.SIZE - Integer.numberOfLeadingZeros(size) + 3) / 4;
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            put((byte) Character.forDigit(size >> shift & 0xf, 16));
        }
        endLine();
    }

    /** Appends content, which stays as it is. */
    void put(ByteBuf content) {
        int size = content.readableBytes();
        makeRoom(size);
        content.getBytes(content.readerIndex(), bytes, length, size);
        length += size;
    }

    /** Appends bytes. */
    void put(byte[] text) {
        put(text, 0, text.length);
    }

    private void put(byte[] text, int from, int size) {
        makeRoom(size);
        System.arraycopy(text, from, bytes, length, size);
        length += size;
    }

    /** Returns how many bytes there are. */
    int length() {
        return length;
    }

    /** Writes all of it. */
    void writeTo(ByteBuf buffer) {
        buffer.writeBytes(bytes, 0, length);
    }

    private void put(CharSequence text) {
        if (text instanceof AsciiString ascii) {
            put(ascii.array(), ascii.arrayOffset(), ascii.length());
        } else {
            put(text.toString().getBytes(ISO_8859_1)); // what is not Latin-1 becomes a question mark
        }
    }

    private void put(byte sign) {
        makeRoom(1);
        bytes[length++] = sign;
    }

    /** Ends a line. */
    void endLine() {
        put((byte) '\r');
        put((byte) '\n');
    }

    private void makeRoom(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }
}
