package dev.warmgate.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/**
 * Told what happens on a connection to an engine, by that connection, on their event loop.
 *
 * <p>After one of the methods that end an attempt ({@link #connectFailed}, {@link #connectionLost}, {@link #failed}),
 * and after {@link Upstream#release} or {@link Upstream#abort}, nothing more is told.
 */
interface UpstreamListener {
    /** A connection that was being made is there. */
    void connected();

    /** No connection could be made. */
    void connectFailed();

    /** The final answer began; informational ones are not told. One that switches protocols, if that may be, is final. */
    void responseHead(HttpResponse head);

    /** A piece of the answer came, now the listener's to release; a {@code LastHttpContent} ends it. */
    void responseContent(HttpContent content);

    /** Nothing more can be read just now: the time to flush what was passed on. */
    void responseReadComplete();

    /** The engine takes more bytes again, or no more for now. */
    void upstreamWritable(boolean writable);

    /**
     * The connection ended, or broke the protocol, before the answer was complete.
     *
     * @param stale whether this was a used connection on which no byte of this answer had come: the engine may have
     *     closed it before the request arrived, which says nothing about the engine
     */
    void connectionLost(boolean stale);

    /** Our own code failed. */
    void failed(Throwable cause);
}
