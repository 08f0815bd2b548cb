package dev.warmgate.twin.load;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Reads one streamed chat completion: the answer's text, usage, and whether it ended well.
 *
 * <p>Bytes come in pieces cut anywhere. Confined to the event loop.
 */
final class ChatStream {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

    /** Where servers put text: the answer, and a model's thoughts before it under two names. */
    private static final List<String> TEXTS = List.of("content", "reasoning_content", "reasoning");

    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private byte[] line = new byte[512];
    private int filled;
    private int promptTokens;
    private int cachedTokens = -1;
    private int events;
    private int outputTokens;
    private boolean done;
    private boolean error;
    private boolean malformed;

    void read(ByteBuf bytes) {
        while (bytes.isReadable()) {
            int readable = bytes.readableBytes();
            int newline = bytes.bytesBefore((byte) '\n');
            int n = newline < 0 ? readable : newline;
            if (line.length - filled < n) {
                line = Arrays.copyOf(line, Math.max(line.length * 2, filled + n));
            }
            bytes.readBytes(line, filled, n);
            filled += n;
            if (newline >= 0) {
                bytes.skipBytes(1);
                endLine();
                filled = 0;
            }
        }
    }

    /** Returns the answer's text so far, UTF-8. */
    byte[] text() {
        return text.toByteArray();
    }

    /** Returns how many events with text have come, reasoning included. */
    int events() {
        return events;
    }

    boolean done() {
        return done;
    }

    boolean error() {
        return error;
    }

    boolean malformed() {
        return malformed;
    }

    int promptTokens() {
        return promptTokens;
    }

    /** Returns the prompt tokens that came from a KV cache, or -1 if nobody said. */
    int cachedTokens() {
        return cachedTokens;
    }

    int outputTokens() {
        return outputTokens;
    }

    private void endLine() {
        int end = filled > 0 && line[filled - 1] == '\r' ? filled - 1 : filled;
        if (!Arrays.equals(line, 0, Math.min(end, DATA.length), DATA, 0, DATA.length)) {
            return; // an empty line, a comment, or a field that this dialect does not use
        }
        int start = end > DATA.length && line[DATA.length] == ' ' ? DATA.length + 1 : DATA.length;
        if (Arrays.equals(line, start, end, DONE, 0, DONE.length)) {
            done = true;
            return;
        }
        try {
            event(JSON.readTree(line, start, end - start));
        } catch (JacksonException _) {
            malformed = true;
        }
    }

    private void event(JsonNode event) {
        if (event.has("error")) {
            error = true;
        }
        var delta = event.path("choices").path(0).path("delta");
        boolean spoke = false;
        for (var field : TEXTS) {
            spoke |= !delta.path(field).asString("").isEmpty();
        }
        events += spoke ? 1 : 0;
        var content = delta.path("content");
        if (content.isString()) {
            text.writeBytes(content.stringValue().getBytes(StandardCharsets.UTF_8));
        }
        var usage = event.path("usage");
        if (usage.isObject()) {
            promptTokens = usage.path("prompt_tokens").asInt(0);
            outputTokens = usage.path("completion_tokens").asInt(0);
            cachedTokens =
                    usage.path("prompt_tokens_details").path("cached_tokens").asInt(-1);
        }
    }
}
