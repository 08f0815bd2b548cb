package dev.warmgate.proxy.front;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;

/** What serves one request of a client, and is told everything that happens on its {@link ClientStream}. */
public interface ClientListener {
    /** Makes what serves a request. */
    interface Factory {
        /**
         * Returns what will serve a request.
         *
         * @param head its header, without content; its decoder result says if it could not be read
         */
        ClientListener create(ClientStream stream, HttpRequest head);
    }

    /** The request begins. */
    void begin();

    /** Content of the request has come, and is now the listener's to release. */
    void requestContent(HttpContent content);

    /** For now no more content comes. */
    void requestReadComplete();

    /** The client takes bytes again, or no more for now. */
    void clientWritable(boolean writable);

    /** The client left. */
    void clientGone();

    /** The stream's deadline passed. */
    void deadlinePassed();

    /** Something of our own broke. */
    void failed(Throwable cause);
}
