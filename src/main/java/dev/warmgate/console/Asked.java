package dev.warmgate.console;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A request to the admin door; what it brings along is not read. */
record Asked(String method, URI uri, HttpHeaders headers) {
    /** Returns the path, decoded; "" if there is none. */
    String path() {
        return uri.getPath() == null ? "" : uri.getPath();
    }

    /** Returns the first header of a name, or null. */
    @Nullable
    String header(String name) {
        return headers.get(name);
    }
}
