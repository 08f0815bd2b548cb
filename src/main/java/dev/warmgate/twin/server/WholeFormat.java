package dev.warmgate.twin.server;

/** An answer in the wire format of one dialect, in one piece. */
interface WholeFormat {
    /** Adds the body of an answer that is not streamed. */
    void whole(ByteBuilder out);
}
