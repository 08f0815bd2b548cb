package dev.warmgate.twin.server;

/**
 * An answer in the wire format of one dialect, as a stream of events.
 *
 * <p>A stream is {@link #begin}, {@link #delta} for consecutive ranges of tokens, {@link #end}; shapes and order of
 * events are those recorded from vLLM 0.32.0. Stateful, one per answer, confined to its event loop.
 */
interface AnswerFormat extends WholeFormat {
    /** Adds the events that come before the first token is known. */
    void begin(ByteBuilder out);

    /** Adds the event, or the events, of tokens {@code from} (inclusive) to {@code to} (exclusive). */
    void delta(ByteBuilder out, int from, int to);

    /** Adds what follows the last token. */
    void end(ByteBuilder out);
}
