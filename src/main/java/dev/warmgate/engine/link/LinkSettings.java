package dev.warmgate.engine.link;

import org.jspecify.annotations.Nullable;

/**
 * What is configured about the way to a model server.
 *
 * @param protocol how requests are sent
 * @param key the gateway's own API key there, or null
 * @param tls used if the endpoint's address is an https one
 */
public record LinkSettings(Protocol protocol, @Nullable EngineKey key, TlsSettings tls) {
    /** The version of HTTP. */
    public enum Protocol {
        /** HTTP/1.1. */
        HTTP1("http1"),
        /** HTTP/2: with prior knowledge over plain TCP (RFC 9113 section 3.3), by ALPN over TLS. */
        HTTP2("http2");

        private final String label;

        Protocol(String label) {
            this.label = label;
        }

        /** Returns the name in configuration. */
        public String label() {
            return label;
        }
    }

    /** HTTP/1.1 without a key of our own. */
    public static final LinkSettings DEFAULT = new LinkSettings(Protocol.HTTP1, null, TlsSettings.DEFAULT);
}
