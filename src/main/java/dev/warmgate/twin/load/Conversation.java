package dev.warmgate.twin.load;

import dev.warmgate.twin.workload.Message;
import dev.warmgate.twin.workload.WordText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;

/**
 * A conversation as it grows, kept as the JSON of its messages so that a request body costs no rendering.
 *
 * <p>Bytes once written are never changed: a body handed out stays valid while messages are added.
 */
final class Conversation {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] BODY_END = ascii("]}");
    private static final byte[] SYSTEM_START = ascii("{\"role\":\"system\",\"content\":\"");
    private static final byte[] USER_START = ascii("{\"role\":\"user\",\"content\":\"");
    private static final byte[] ASSISTANT_START = ascii("{\"role\":\"assistant\",\"content\":\"");
    private static final byte[] MESSAGE_END = ascii("\"}");

    private final String model;
    private final @Nullable String name;
    private final WordText words;
    private byte[] json = new byte[1024];
    private int length;

    /** Creates an empty conversation; {@code name} is the client's own, if it has one, and is sent with each request. */
    Conversation(String model, @Nullable String name, WordText words) {
        this.model = model;
        this.name = name;
        this.words = words;
    }

    /** Returns another conversation that begins as this one stands. */
    Conversation copy() {
        var copy = new Conversation(model, name, words);
        copy.json = Arrays.copyOf(json, length + json.length / 2);
        copy.length = length;
        return copy;
    }

    void add(Message message) {
        begin(
                switch (message.role()) {
                    case SYSTEM -> SYSTEM_START;
                    case USER -> USER_START;
                });
        reserve(message.tokens() * WordText.BYTES_PER_TOKEN);
        for (var part : message.parts()) {
            length = words.write(part, json, length);
        }
        append(MESSAGE_END);
    }

    /** Adds the answer that came, as UTF-8 text. */
    void addAnswer(byte[] text) {
        begin(ASSISTANT_START);
        reserve(text.length);
        for (byte b : text) {
            if (b == '"' || b == '\\') {
                append((byte) '\\');
                append(b);
            } else if (b >= 0 && b < ' ') {
                append(ascii("\\u%04x".formatted(b)));
            } else {
                append(b);
            }
        }
        append(MESSAGE_END);
    }

    /**
     * Returns a request body for the conversation as it stands.
     *
     * @param ignoreEos whether the answer shall have exactly {@code outputTokens}, not at most
     */
    ByteBuf body(int outputTokens, boolean ignoreEos) {
        String key = name == null ? "" : "\"prompt_cache_key\":" + JSON.writeValueAsString(name) + ",";
        byte[] start = utf8("{\"model\":" + JSON.writeValueAsString(model) + "," + key
                + "\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                + (ignoreEos ? "\"ignore_eos\":true," : "") + "\"max_tokens\":" + outputTokens + ",\"messages\":[");
        return Unpooled.wrappedBuffer(
                Unpooled.wrappedBuffer(start),
                Unpooled.wrappedBuffer(json, 0, length),
                Unpooled.wrappedBuffer(BODY_END));
    }

    private void begin(byte[] start) {
        if (length > 0) {
            append((byte) ',');
        }
        append(start);
    }

    private void append(byte value) {
        reserve(1);
        json[length++] = value;
    }

    private void append(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, json, length, bytes.length);
        length += bytes.length;
    }

    private void reserve(int bytes) {
        if (json.length - length < bytes) {
            json = Arrays.copyOf(json, Math.max(json.length + json.length / 2, length + bytes + MESSAGE_END.length));
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
