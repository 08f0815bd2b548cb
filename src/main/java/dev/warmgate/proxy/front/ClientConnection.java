package dev.warmgate.proxy.front;

/** A client connection, whatever it speaks, as the door sees it. Confined to its event loop. */
interface ClientConnection {
    /** Ends the connection once no request is in flight on it, and tells the client so where the protocol can. */
    void drain();

    /** Closes the connection, whatever is in flight. */
    void close();
}
