package dev.warmgate.dialect;

import static dev.warmgate.dialect.BadRequestException.missing;
import static dev.warmgate.dialect.BadRequestException.mistyped;
import static dev.warmgate.dialect.JsonIndex.NONE;

/**
 * Feeds what is inside a message.
 *
 * <p>Text parts are joined by a line break, as vLLM and llama.cpp join them, so one part feeds like a plain string.
 * Reasoning of earlier turns is left out, as chat templates leave it out. {@code cache_control} and everything else
 * that says nothing about the prompt is left out too: clients move it from turn to turn.
 */
final class ContentFeeder {
    private static final Name[] MEDIA_KEYS = {
        Name.IMAGE_URL, Name.SOURCE, Name.INPUT_AUDIO, Name.AUDIO_URL, Name.VIDEO_URL, Name.FILE,
        Name.FILE_DATA, Name.FILE_URL, Name.FILE_ID, Name.IMAGE, Name.AUDIO, Name.VIDEO
    };

    private final JsonIndex index;
    private final PromptWriter writer;

    ContentFeeder(JsonIndex index, PromptWriter writer) {
        this.index = index;
        this.writer = writer;
    }

    /** Feeds a string or a list of parts; {@link JsonIndex#NONE} and null are no content. */
    void content(int node) {
        if (!index.isPresent(node)) {
            return;
        }
        if (index.isString(node)) {
            writer.text(node);
            return;
        }
        if (!index.isList(node)) {
            throw mistyped(index, node, "a string or a list of parts");
        }
        boolean afterText = false;
        int end = index.close(node);
        for (int part = node + 1; part < end; part = index.next(part)) {
            afterText = part(part, afterText);
        }
    }

    /** Feeds one part; {@code afterText} and the result tell whether the part before, and this one, is text. */
    boolean part(int part, boolean afterText) {
        if (index.isString(part)) {
            return textPart(part, afterText);
        }
        if (!index.isObject(part)) {
            throw mistyped(index, part, "an object such as {\"type\": \"text\", \"text\": …}");
        }
        int type = index.getPresent(part, Name.TYPE);
        if (type != NONE && !index.isString(type)) {
            throw mistyped(index, type, "a string such as \"text\"");
        }
        if (type == NONE || isText(type)) {
            return textPart(required(part, Name.TEXT), afterText);
        }
        if (index.is(type, Name.REFUSAL)) {
            return textPart(required(part, Name.REFUSAL), afterText);
        }
        if (isReasoning(type)) {
            return afterText;
        }
        if (index.is(type, Name.TOOL_USE) || index.is(type, Name.SERVER_TOOL_USE)) {
            writer.toolCall(required(part, Name.NAME), index.getPresent(part, Name.INPUT));
        } else if (isMedia(type)) {
            writer.media(mediaData(part));
        } else {
            writer.minified(part);
        }
        return false;
    }

    private boolean textPart(int text, boolean afterText) {
        if (afterText) {
            writer.text('\n');
        }
        writer.text(text);
        return true;
    }

    /** Returns the string under {@code name}, which has to be there. */
    int required(int object, Name name) {
        int value = index.get(object, name);
        if (value == NONE) {
            throw missing(index, object, name, "a string");
        }
        if (!index.isString(value)) {
            throw mistyped(index, value, "a string");
        }
        return value;
    }

    /** Feeds an assistant's calls in OpenAI's form: {@code tool_calls}, and its predecessor {@code function_call}. */
    void toolCalls(int message) {
        int calls = index.getPresent(message, Name.TOOL_CALLS);
        if (calls != NONE) {
            if (!index.isList(calls)) {
                throw mistyped(index, calls, "a list of tool calls");
            }
            int end = index.close(calls);
            for (int call = calls + 1; call < end; call = index.next(call)) {
                toolCall(call);
            }
        }
        int function = index.getPresent(message, Name.FUNCTION_CALL);
        if (function != NONE) {
            function(function);
        }
    }

    private void toolCall(int call) {
        if (!index.isObject(call)) {
            throw mistyped(index, call, "an object with a function");
        }
        int function = index.getPresent(call, Name.FUNCTION);
        if (function != NONE) {
            function(function);
        } else {
            writer.minified(call);
        }
    }

    private void function(int function) {
        if (!index.isObject(function)) {
            throw mistyped(index, function, "an object with name and arguments");
        }
        writer.toolCall(required(function, Name.NAME), index.getPresent(function, Name.ARGUMENTS));
    }

    private int mediaData(int part) {
        for (Name key : MEDIA_KEYS) {
            int data = index.getPresent(part, key);
            if (data != NONE) {
                return data;
            }
        }
        return part;
    }

    private boolean isText(int type) {
        return index.is(type, Name.TEXT) || index.is(type, Name.INPUT_TEXT) || index.is(type, Name.OUTPUT_TEXT);
    }

    private boolean isReasoning(int type) {
        return index.is(type, Name.THINKING)
                || index.is(type, Name.REDACTED_THINKING)
                || index.is(type, Name.REASONING);
    }

    private boolean isMedia(int type) {
        return index.is(type, Name.IMAGE_URL)
                || index.is(type, Name.IMAGE)
                || index.is(type, Name.INPUT_IMAGE)
                || index.is(type, Name.INPUT_AUDIO)
                || index.is(type, Name.AUDIO)
                || index.is(type, Name.AUDIO_URL)
                || index.is(type, Name.VIDEO)
                || index.is(type, Name.VIDEO_URL)
                || index.is(type, Name.FILE)
                || index.is(type, Name.INPUT_FILE)
                || index.is(type, Name.DOCUMENT);
    }
}
