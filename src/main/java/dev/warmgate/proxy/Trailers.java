package dev.warmgate.proxy;

import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/** Trailer fields are not passed on in either direction: nothing here needs them, and they would escape the filters. */
final class Trailers {
    private Trailers() {}

    /** Returns the content, which it takes over, without trailer fields. */
    static HttpContent without(HttpContent content) {
        return content instanceof LastHttpContent last
                        && !last.trailingHeaders().isEmpty()
                ? new DefaultLastHttpContent(last.content())
                : content;
    }
}
