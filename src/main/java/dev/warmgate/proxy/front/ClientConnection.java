package dev.warmgate.proxy.front;

/** A client connection, whatever it speaks, as the door sees it. Confined to its event loop. */
interface ClientConnection {
    /** Ends the connection once no request is in flight on it, and tells the client so where the protocol can. */
    void drain();

    /** Ends what would go on without end, and has a way to be told so: a WebSocket. */
    default void goAway() {}

    /** Closes the connection, whatever is in flight. */
    void close();
}
