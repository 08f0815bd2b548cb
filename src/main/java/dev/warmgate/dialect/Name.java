package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Locale;

/** A name in the wire formats, a key or one of its values, comparable to bytes: the constant's in lower case. */
enum Name {
    ROLE,
    CONTENT,
    TYPE,
    TEXT,
    NAME,
    ID,
    MODEL,
    STREAM,
    STREAM_OPTIONS,
    INCLUDE_USAGE,
    CONTINUOUS_USAGE_STATS,
    MAX_TOKENS,
    MAX_COMPLETION_TOKENS,
    MAX_OUTPUT_TOKENS,
    PROMPT_CACHE_KEY,
    USER,
    METADATA,
    USER_ID,
    SERVICE_TIER,
    PRIORITY,
    CONVERSATION,
    PREVIOUS_RESPONSE_ID,
    INPUT_FILE_ID,
    MESSAGES,
    SYSTEM,
    INSTRUCTIONS,
    PROMPT,
    PROMPT_EMBEDS,
    QUERY,
    QUERIES,
    DOCUMENTS,
    TEXT_1,
    TEXT_2,
    INPUT,
    OUTPUT,
    TOOLS,
    FUNCTIONS,
    FUNCTION,
    FUNCTION_CALL,
    TOOL_CALLS,
    CUSTOM,
    ARGUMENTS,
    DESCRIPTION,
    PARAMETERS,
    INPUT_SCHEMA,
    REFUSAL,
    SOURCE,
    URL,
    DATA,
    CACHE_SALT,
    IMAGE_URL,
    INPUT_AUDIO,
    AUDIO_URL,
    VIDEO_URL,
    FILE,
    FILE_ID,
    FILE_URL,
    FILE_DATA,
    DEVELOPER,
    ASSISTANT,
    TOOL,
    INPUT_TEXT,
    OUTPUT_TEXT,
    THINKING,
    REDACTED_THINKING,
    REASONING,
    TOOL_USE,
    SERVER_TOOL_USE,
    TOOL_RESULT,
    FUNCTION_CALL_OUTPUT,
    CUSTOM_TOOL_CALL,
    CUSTOM_TOOL_CALL_OUTPUT,
    MESSAGE,
    IMAGE,
    INPUT_IMAGE,
    AUDIO,
    VIDEO,
    INPUT_FILE,
    DOCUMENT;

    private final String text = name().toLowerCase(Locale.ROOT);

    // Never written after that.
    @SuppressWarnings("ImmutableEnumChecker")
    private final byte[] bytes = text.getBytes(US_ASCII);

    String text() {
        return text;
    }

    /** Returns how many bytes it has. */
    int length() {
        return bytes.length;
    }

    /** Returns whether the bytes {@code from} to {@code to}, exclusive, are this name. */
    boolean matches(byte[] in, int from, int to) {
        int length = bytes.length;
        return to - from == length
                && in[from] == bytes[0]
                && in[to - 1] == bytes[length - 1]
                && Arrays.equals(in, from, to, bytes, 0, length);
    }
}
