package dev.warmgate.proxy;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/** Header fields in the forms of HTTP/1.1 and HTTP/2 (RFC 9113 section 8.3). */
final class Http2Fields {
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");

    private Http2Fields() {}

    /** Returns a request's header for an engine. What belongs to one connection is gone, but for the framing. */
    static Http2Headers request(HttpRequest head, Lane lane) {
        var headers = new DefaultHttp2Headers(false, 16);
        headers.method(head.method().asciiName());
        headers.scheme(lane.secure() ? HTTPS : HTTP);
        headers.authority(lane.authority());
        headers.path(head.uri());
        var fields = head.headers().iteratorCharSequence();
        while (fields.hasNext()) {
            var field = fields.next();
            var name = AsciiString.of(field.getKey()).toLowerCase();
            if (!name.equals(HttpHeaderNames.HOST) && !name.equals(HttpHeaderNames.TRANSFER_ENCODING)) {
                headers.add(name, field.getValue());
            }
        }
        return headers;
    }

    /**
     * Returns an engine's fields without those that begin with a colon.
     *
     * @throws IllegalArgumentException if one could not be written in HTTP/1.1
     */
    static HttpHeaders toHttp1(Http2Headers headers) {
        var fields = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        for (var field : headers) {
            var name = field.getKey();
            if (name.isEmpty() || name.charAt(0) != ':') {
                fields.add(name, field.getValue());
            }
        }
        return fields;
    }
}
