package dev.warmgate.dialect;

import static dev.warmgate.dialect.BadRequestException.missing;
import static dev.warmgate.dialect.BadRequestException.mistyped;
import static dev.warmgate.dialect.JsonIndex.NONE;

import java.util.Arrays;

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

    /** Where an object has what it is about: where it is, what it is, or its name at the engine. */
    private static final Name[] DATA_KEYS = {Name.URL, Name.DATA, Name.FILE_DATA, Name.FILE_URL, Name.FILE_ID};

    /**
     * How Claude Code begins a part of its system prompt that is for billing. It differs from request to request, and
     * vLLM leaves it out of the prompt.
     */
    private static final byte[] BILLING = PromptWriter.ascii("x-anthropic-billing-header");

    private final JsonIndex index;
    private final PromptWriter writer;

    ContentFeeder(JsonIndex index, PromptWriter writer) {
        this.index = index;
        this.writer = writer;
    }

    /** Feeds a string or a list of parts; {@link JsonIndex#NONE} and null are no content. */
    void content(int node) {
        content(node, false);
    }

    /** Feeds a system prompt, but for what in it is not meant for the model. */
    void system(int node) {
        content(node, true);
    }

    private void content(int node, boolean system) {
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
            if (!system || !isBilling(part)) {
                afterText = part(part, afterText);
            }
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

    /** Returns what a part shows: a string where it has one that says it all, so that it is the same in all dialects. */
    private int mediaData(int part) {
        int media = first(part, MEDIA_KEYS);
        if (media == NONE) {
            return part;
        }
        if (index.isObject(media)) {
            int data = first(media, DATA_KEYS);
            return data != NONE && index.isString(data) ? data : media;
        }
        return media;
    }

    private int first(int object, Name[] keys) {
        for (Name key : keys) {
            int value = index.getPresent(object, key);
            if (value != NONE) {
                return value;
            }
        }
        return NONE;
    }

    private boolean isBilling(int part) {
        if (!index.isObject(part)) {
            return false;
        }
        int text = index.getPresent(part, Name.TEXT);
        if (text == NONE || !index.isString(text) || index.end(text) - index.start(text) - 2 < BILLING.length) {
            return false;
        }
        int from = index.start(text) + 1;
        return Arrays.equals(index.json(), from, from + BILLING.length, BILLING, 0, BILLING.length);
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
