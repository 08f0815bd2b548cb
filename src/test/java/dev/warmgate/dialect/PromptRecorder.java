package dev.warmgate.dialect;

import dev.warmgate.router.prefix.PromptSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes down what it is fed: {@code <role|text>} for a message, <code>{tokens#json}</code> for what is not text. How
 * text was cut into pieces, and white space in what is not text, do not show.
 */
final class PromptRecorder implements PromptSink {
    private final StringBuilder record = new StringBuilder();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    @Override
    public void beginMessage(String role) {
        flush();
        record.append('<').append(role).append('|');
    }

    @Override
    public void text(byte[] bytes, int offset, int length) {
        text.write(bytes, offset, length);
    }

    @Override
    public void text(byte value) {
        text.write(value);
    }

    @Override
    public void opaque(byte[] bytes, int offset, int length, int tokens) {
        flush();
        byte[] value = Arrays.copyOfRange(bytes, offset, offset + length);
        record.append('{')
                .append(tokens)
                .append('#')
                .append(shown(new String(value, StandardCharsets.UTF_8)))
                .append('}');
    }

    /** Returns a value as it is recorded: without white space between its tokens if it is JSON. */
    static String shown(String value) {
        return JacksonTree.parse(value.getBytes(StandardCharsets.UTF_8))
                .map(JacksonTree.Node::raw)
                .orElse(value);
    }

    @Override
    public void endMessage() {
        flush();
        record.append('>');
    }

    @Override
    public void reset() {
        record.setLength(0);
        text.reset();
    }

    private void flush() {
        record.append(text.toString(StandardCharsets.UTF_8));
        text.reset();
    }

    String prompt() {
        flush();
        return record.toString();
    }
}
