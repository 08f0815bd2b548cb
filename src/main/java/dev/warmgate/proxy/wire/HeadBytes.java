package dev.warmgate.proxy.wire;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Turns the headers of messages into bytes (RFC 9112 sections 3 to 5), each in an array that is used again for the next
 * one, so that their length is known before there is a buffer. Confined to one event loop.
 *
 * <p>That names and values hold no line's end is seen to where fields are set: Netty's headers refuse it.
 */
public final class HeadBytes {
    private static final int FIRST_CAPACITY = 1 << 10;

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int length;

    /** Takes a header in place of the one before, and returns its length in bytes. */
    int take(HttpMessage message) {
        length = 0;
        switch (message) {
            case HttpRequest request -> {
                put(request.method().asciiName());
                put((byte) ' ');
                put(request.uri());
                put((byte) ' ');
                put(request.protocolVersion().text());
            }
            case HttpResponse response -> {
                put(response.protocolVersion().text());
                put((byte) ' ');
                put(response.status().codeAsText());
                put((byte) ' ');
                put(response.status().reasonPhrase());
            }
            default -> throw new IllegalArgumentException(message + " (expected: a request or a response)");
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
        return length;
    }

    /** Writes the header that was taken last. */
    void writeTo(ByteBuf buffer) {
        buffer.writeBytes(bytes, 0, length);
    }

    private void put(CharSequence text) {
        int size = text.length();
        makeRoom(size);
        if (text instanceof AsciiString ascii) {
            System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, length, size);
        } else {
            for (int i = 0; i < size; i++) {
                bytes[length + i] = AsciiString.c2b(text.charAt(i)); // what is not Latin-1 becomes a question mark
            }
        }
        length += size;
    }

    private void put(byte sign) {
        makeRoom(1);
        bytes[length++] = sign;
    }

    private void endLine() {
        put((byte) '\r');
        put((byte) '\n');
    }

    private void makeRoom(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }
}
