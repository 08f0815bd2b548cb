package dev.warmgate.twin.server;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A complete HTTP request.
 *
 * @param path without the query
 * @param requestId the client's {@code X-Request-Id}
 * @param keepAlive whether the connection lives on after the answer
 * @param chunked whether the client understands chunked answers: it speaks HTTP/1.1
 * @param body the first {@code length} bytes are the body
 * @param overflow whether the body was larger than allowed, and was thrown away
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HttpCall(
        String method,
        String path,
        @Nullable String requestId,
        boolean keepAlive,
        boolean chunked,
        byte[] body,
        int length,
        boolean overflow) {
    /** Returns whether the body has a text in it. */
    boolean contains(String text) {
        return new String(body, 0, length, StandardCharsets.UTF_8).contains(text);
    }
}
