package dev.warmgate.twin.server;

import dev.warmgate.twin.engine.AnswerText;
import org.jspecify.annotations.Nullable;

/**
 * What one request is answered with, apart from its wire format. The cached tokens are known once the engine admitted the
 * request; everything else is fixed before it starts.
 */
final class Answer {
    /** Says that this is not vLLM itself, where vLLM tells its build. */
    static final byte[] FINGERPRINT = ByteBuilder.bytes("\"system_fingerprint\":\"vllm-0.32.0-twin\"");

    private final String id;
    private final long created;
    private final byte[] model;
    private final byte[] text;
    private final int promptTokens;
    private final boolean limited;
    private final boolean includeUsage;
    private final @Nullable ToolCall toolCall;
    private int cachedTokens;

    /**
     * Creates an answer.
     *
     * @param id the request's name, without the prefix of its dialect
     * @param created seconds since the epoch
     * @param model the name the client asked for
     * @param text the answer, or the arguments of the tool call
     * @param limited whether the answer ends because the client's limit is reached
     */
    Answer(
            String id,
            long created,
            String model,
            byte[] text,
            int promptTokens,
            boolean limited,
            boolean includeUsage,
            @Nullable ToolCall toolCall) {
        this.id = id;
        this.created = created;
        this.model = ByteBuilder.quoted(model);
        this.text = text;
        this.promptTokens = promptTokens;
        this.limited = limited;
        this.includeUsage = includeUsage;
        this.toolCall = toolCall;
    }

    String id() {
        return id;
    }

    long created() {
        return created;
    }

    /** Returns the model's name as a JSON string. */
    byte[] model() {
        return model;
    }

    int promptTokens() {
        return promptTokens;
    }

    int cachedTokens() {
        return cachedTokens;
    }

    void cachedTokens(int tokens) {
        cachedTokens = tokens;
    }

    boolean includeUsage() {
        return includeUsage;
    }

    @Nullable
    ToolCall toolCall() {
        return toolCall;
    }

    /** Returns the tokens of the whole answer. */
    int tokens() {
        return tokens(text);
    }

    /** Returns the tokens of a text, a partial last one included. */
    static int tokens(byte[] text) {
        return (text.length + AnswerText.TOKEN_BYTES - 1) / AnswerText.TOKEN_BYTES;
    }

    /** Adds tokens {@code from} to {@code to} as the inside of a JSON string. */
    void addText(ByteBuilder out, int from, int to) {
        int start = from * AnswerText.TOKEN_BYTES;
        int end = Math.min(to * AnswerText.TOKEN_BYTES, text.length);
        if (toolCall == null) {
            out.add(text, start, end - start); // Words need no escaping.
        } else {
            out.escape(text, start, end - start);
        }
    }

    /** Adds the whole answer as the inside of a JSON string. */
    void addText(ByteBuilder out) {
        addText(out, 0, tokens());
    }

    /** Returns the text as it is, unescaped. */
    byte[] text() {
        return text;
    }

    /** Returns OpenAI's name for why the answer ends. */
    String finishReason() {
        if (toolCall != null) {
            return "tool_calls";
        }
        return limited ? "length" : "stop";
    }

    /** Returns Anthropic's name for why the answer ends. */
    String stopReason() {
        if (toolCall != null) {
            return "tool_use";
        }
        return limited ? "max_tokens" : "end_turn";
    }

    /** Returns whether the client's limit ends the answer. */
    boolean incomplete() {
        return limited && toolCall == null;
    }
}
