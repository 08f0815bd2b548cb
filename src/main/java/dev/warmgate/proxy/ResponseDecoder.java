package dev.warmgate.proxy;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;

/**
 * Reads the answers on a connection to an engine, of which one is awaited at a time. Whether an answer has a body depends on
 * its request (RFC 9112 section 6.3). Confined to the connection's event loop.
 */
final class ResponseDecoder extends HttpResponseDecoder {
    private static final HttpDecoderConfig CONFIG = new HttpDecoderConfig()
            .setMaxInitialLineLength(16 << 10)
            .setMaxHeaderSize(128 << 10)
            .setMaxChunkSize(1 << 20);

    private boolean ofHead;

    ResponseDecoder() {
        super(CONFIG);
    }

    /** A request is sent, of the method HEAD or of another. */
    void begin(boolean head) {
        ofHead = head;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        boolean last = !(message instanceof HttpResponse answer
                && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL);
        return (ofHead && last) || super.isContentAlwaysEmpty(message);
    }
}
