package dev.warmgate.dialect;

import dev.warmgate.router.prefix.PromptSink;

/**
 * Passes text on without the white space outside of JSON strings.
 *
 * <p>For JSON that comes inside a JSON string, as OpenAI's tool arguments do: models write it with spaces, other
 * dialects carry the same arguments as an object, and all should feed the same. Text that is not JSON is passed on in a
 * way that depends only on the text.
 */
final class Minifier implements PromptSink {
    private final PromptSink to;
    private boolean inString;
    private boolean afterBackslash;

    Minifier(PromptSink to) {
        this.to = to;
    }

    @Override
    public void text(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int kept = offset;
        for (int i = offset; i < end; i++) {
            if (isDropped(bytes[i])) {
                pass(bytes, kept, i);
                kept = i + 1;
            }
        }
        pass(bytes, kept, end);
    }

    private void pass(byte[] bytes, int from, int end) {
        if (end > from) {
            to.text(bytes, from, end - from);
        }
    }

    @Override
    public void text(byte value) {
        if (!isDropped(value)) {
            to.text(value);
        }
    }

    private boolean isDropped(byte b) {
        if (!inString) {
            inString = b == '"';
            return JsonScanner.isSpace(b);
        }
        if (afterBackslash) {
            afterBackslash = false;
        } else if (b == '\\') {
            afterBackslash = true;
        } else if (b == '"') {
            inString = false;
        }
        return false;
    }

    @Override
    public void opaque(byte[] bytes, int offset, int length, int tokens) {
        to.opaque(bytes, offset, length, tokens);
    }

    @Override
    public void beginMessage(String role) {
        to.beginMessage(role);
    }

    @Override
    public void endMessage() {
        to.endMessage();
    }

    @Override
    public void reset() {
        inString = false;
        afterBackslash = false;
        to.reset();
    }
}
