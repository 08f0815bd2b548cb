package dev.warmgate.dialect;

import dev.warmgate.router.prefix.PromptSink;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Feeds pieces of an indexed request to a sink. */
final class PromptWriter {
    /**
     * Tokens assumed for an image, a sound or a file: a picture of one megapixel is 765 tokens to GPT-4o, about 1,340 to
     * Qwen2-VL (28 x 28 pixels a token) and 1,400 to Claude (width x height / 750).
     */
    static final int MEDIA_TOKENS = 1000;

    private static final byte[] DATA_URL = ascii("data:");
    private static final int LONGEST_DATA_KIND = 256;
    private static final byte[] CALL = ascii("{\"name\":");
    private static final byte[] ARGUMENTS = ascii(",\"arguments\":");
    private static final byte[] NO_ARGUMENTS = ascii("{}");

    private final JsonIndex index;
    private final PromptSink sink;

    PromptWriter(JsonIndex index, PromptSink sink) {
        this.index = index;
        this.sink = sink;
    }

    void begin(String role) {
        sink.beginMessage(role);
    }

    void end() {
        sink.endMessage();
    }

    void text(int string) {
        text(string, sink);
    }

    private void text(int string, PromptSink to) {
        int from = index.start(string) + 1;
        int end = index.end(string) - 1;
        if (index.isEscaped(string)) {
            JsonText.feed(index.json(), from, end, to);
        } else if (end > from) {
            to.text(index.json(), from, end - from);
        }
    }

    void text(char ascii) {
        sink.text((byte) ascii);
    }

    void text(byte[] bytes) {
        sink.text(bytes, 0, bytes.length);
    }

    /** Feeds a value as it was written, without the white space between its tokens. */
    void minified(int node) {
        byte[] json = index.json();
        int at = index.start(node);
        int end = index.end(node);
        if (index.isSpaced()) {
            int last = index.next(node);
            for (int token = node; token < last; token++) {
                at = skipTo(index.start(token), at);
                boolean opens = index.isObject(token) || index.isList(token);
                int tokenEnd = opens ? at + 1 : index.end(token);
                sink.text(json, at, tokenEnd - at);
                at = tokenEnd;
            }
        } else {
            sink.text(json, at, end - at);
        }
    }

    /** Feeds the commas and colons between two tokens. */
    private int skipTo(int start, int at) {
        byte[] json = index.json();
        for (int i = at; i < start; i++) {
            if (!JsonScanner.isSpace(json[i])) {
                sink.text(json[i]);
            }
        }
        return start;
    }

    /**
     * Feeds a value that is not text: of a string what is in it, without the kind of data that a data URL (RFC 2397) names
     * in front, and anything else as it was written. Nothing is copied: a string with escapes is fed as it was written.
     */
    void media(int node) {
        int start = index.start(node);
        int end = index.end(node);
        if (index.isString(node) && !index.isEscaped(node)) {
            start = dataStart(start + 1, end - 1);
            end--;
        }
        sink.opaque(index.json(), start, end - start, MEDIA_TOKENS);
    }

    private int dataStart(int start, int end) {
        byte[] json = index.json();
        if (end - start < DATA_URL.length
                || !Arrays.equals(json, start, start + DATA_URL.length, DATA_URL, 0, DATA_URL.length)) {
            return start;
        }
        int most = Math.min(end, start + LONGEST_DATA_KIND);
        int comma = ByteSearch.indexOf((byte) ',', (byte) ',', json, start, most);
        return comma < most ? comma + 1 : start;
    }

    /** Feeds what keeps the prompt apart from equal ones, at its beginning: it is no part of it and takes no tokens. */
    void salt(int string) {
        int start = index.start(string);
        sink.opaque(index.json(), start, index.end(string) - start, 0);
    }

    /** Feeds a token id. */
    void token(int number) {
        int start = index.start(number);
        sink.opaque(index.json(), start, index.end(number) - start, 1);
    }

    /**
     * Feeds a call as most chat templates render it.
     *
     * @param arguments an object, or a string that holds one; {@link JsonIndex#NONE} for none
     */
    void toolCall(int name, int arguments) {
        text(CALL);
        minified(name);
        text(ARGUMENTS);
        if (arguments == JsonIndex.NONE) {
            text(NO_ARGUMENTS);
        } else if (!index.isString(arguments)) {
            minified(arguments);
        } else if (index.end(arguments) - index.start(arguments) == 2) {
            text(NO_ARGUMENTS);
        } else {
            text(arguments, new Minifier(sink));
        }
        text('}');
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
