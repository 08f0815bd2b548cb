package dev.warmgate.proxy;

import dev.warmgate.proxy.wire.head.LastContent;
import io.netty.handler.codec.http.LastHttpContent;

/** Trailer fields are not passed on in either direction: nothing here needs them, and they would escape the filters. */
final class Trailers {
    private Trailers() {}

    /** Returns the last content, which it takes over, without trailer fields. */
    static LastHttpContent without(LastHttpContent last) {
        return last.trailingHeaders().isEmpty() ? last : new LastContent(last.content());
    }
}
