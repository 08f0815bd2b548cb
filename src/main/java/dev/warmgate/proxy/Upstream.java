package dev.warmgate.proxy;

/**
 * The way of one exchange to an engine: a connection of HTTP/1.1, or a stream of HTTP/2. Confined to one event loop.
 *
 * <p>After {@link #release} and {@link #abort} nothing more may be asked.
 */
interface Upstream {
    Lane lane();

    /** Returns whether requests can be written; if not, the listener will be told. */
    boolean isConnected();

    boolean isWritable();

    /** Returns whether the engine may be asked for usage in streams. */
    boolean takesUsageQuestion();

    /** Writes a part of the request, an {@code HttpObject} that this takes over; what is not flushed may wait. */
    void write(Object message);

    void flush();

    /** Lets the engine switch to the protocol that the request is about to ask for. */
    void mayUpgrade();

    /** Has another listener hear what comes from now on: the engine has switched. */
    void hear(UpstreamListener next);

    /** Goes on reading the answer, or stops after what is already read. */
    void read(boolean on);

    /**
     * Gives it back after the answer's last content.
     *
     * @param requestSent whether all of the request was written
     */
    void release(boolean requestSent);

    /** Ends the request at the engine, whatever it does; the listener hears nothing more. */
    void abort();
}
