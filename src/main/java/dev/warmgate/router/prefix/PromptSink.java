package dev.warmgate.router.prefix;

/**
 * Takes a prompt in canonical form: the order in which an engine renders a conversation, whatever format it came in.
 *
 * <p>A conversation is a sequence of messages; a bare completion prompt is text outside of any message. Text arrives in
 * pieces of any size, decoded from its wire format to UTF-8. Arrays are borrowed for the length of the call.
 */
public interface PromptSink {
    /** Begins a message; {@code role} is system, user, assistant or tool. */
    void beginMessage(String role);

    /** Takes {@code length} bytes of UTF-8 prompt text. */
    void text(byte[] bytes, int offset, int length);

    /** Takes one byte of UTF-8 prompt text. */
    void text(byte value);

    /**
     * Takes something that is part of the prompt but not text, an image for example.
     *
     * @param tokens its estimated size in tokens; at least 0
     */
    void opaque(byte[] bytes, int offset, int length, int tokens);

    /** Ends the message begun last. */
    void endMessage();

    /** Forgets everything taken so far. */
    void reset();
}
