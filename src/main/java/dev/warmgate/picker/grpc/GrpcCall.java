package dev.warmgate.picker.grpc;

/** What hears the caller's side of one stream. On the event loop of its connection. */
public interface GrpcCall {
    /**
     * The next message. The stream is not read on while its caller does not take what it was told.
     *
     * @param message the bytes of one message, owned by the call from now on
     */
    void message(byte[] message);

    /** The caller has sent its last message. */
    void halfClosed();

    /** The stream is over without us: reset, or its connection is lost. Nothing comes after this. */
    void cancelled();

    /**
     * Some time has passed: called ten times a second.
     *
     * @param now {@link System#nanoTime}
     */
    default void tick(long now) {}
}
