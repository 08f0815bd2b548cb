package dev.warmgate.proxy;

import java.util.Locale;

/**
 * What a request line asks for, split.
 *
 * @param path without the query
 * @param uri path and query, as they go to an engine
 */
record Target(String path, String uri) {
    private static final String API = "/v1/";

    /** Reads a request target; the absolute form of RFC 9112 section 3.2.2 loses its scheme and authority. */
    static Target of(String requestUri) {
        String uri = requestUri;
        if (!uri.startsWith("/")) {
            int authority = uri.indexOf("://");
            int path = authority < 0 ? -1 : uri.indexOf('/', authority + 3);
            uri = path < 0 ? requestUri : uri.substring(path);
        }
        int query = uri.indexOf('?');
        return new Target(query < 0 ? uri : uri.substring(0, query), uri);
    }

    /**
     * Returns whether the path lies under {@code /v1/} and stays there: a segment of dots, plain or percent-encoded,
     * could otherwise reach an engine's other pages.
     */
    boolean inApi() {
        if (!path.startsWith(API)) {
            return false;
        }
        if (path.indexOf("/.") < 0 && path.indexOf('%') < 0 && path.indexOf('\\') < 0) {
            return true;
        }
        String plain = path.toLowerCase(Locale.ROOT)
                .replace("%2e", ".")
                .replace("%2f", "/")
                .replace("%5c", "\\");
        return !plain.contains("/.") && !plain.contains("\\");
    }
}
