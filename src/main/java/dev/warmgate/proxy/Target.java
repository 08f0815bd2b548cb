package dev.warmgate.proxy;

import dev.warmgate.router.tenancy.TextPattern;
import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request line asks for, split.
 *
 * @param path without the query
 * @param uri path and query, as they go to an engine
 */
record Target(String path, String uri) {
    private static final String API = "/v1/";

    /** What engines serve beside it for everybody's use. */
    private static final Set<String> OPEN = Set.of("/rerank", "/v2/rerank", "/score", "/tokenize", "/detokenize");

    /** vLLM's, which load adapters from any path and take them away from others. */
    private static final Set<String> CONTROL = Set.of("load_lora_adapter", "unload_lora_adapter");

    private static final Pattern SLASHES = Pattern.compile("/{2,}");

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

    /** Returns the first value of a parameter in the query, decoded; null if there is none, or none that can be decoded. */
    @Nullable
    String query(String name) {
        for (int at = path.length() + 1; at > 0 && at < uri.length(); ) {
            int end = uri.indexOf('&', at);
            String pair = end < 0 ? uri.substring(at) : uri.substring(at, end);
            if (pair.startsWith(name) && pair.startsWith("=", name.length())) {
                try {
                    return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException _) {
                    return null;
                }
            }
            at = end + 1;
        }
        return null;
    }

    /**
     * Returns the path as engines understand it: percent-encoding undone and no slash twice. Only for comparing.
     */
    String plainPath() {
        if (path.indexOf('%') < 0 && path.indexOf("//") < 0) {
            return path;
        }
        var bytes = new ByteArrayOutputStream(path.length());
        for (int i = 0; i < path.length(); i++) {
            int value = path.charAt(i);
            if (value == '%' && i + 2 < path.length()) {
                int high = Character.digit(path.charAt(i + 1), 16);
                int low = Character.digit(path.charAt(i + 2), 16);
                if (high >= 0 && low >= 0) {
                    value = high << 4 | low;
                    i += 2;
                }
            }
            bytes.write(value);
        }
        return SLASHES.matcher(bytes.toString(StandardCharsets.UTF_8)).replaceAll("/");
    }

    /**
     * Returns whether clients may reach the path: it lies under {@code /v1/} and stays there, or is one of a few others,
     * or is opened by configuration. A segment of dots, plain or percent-encoded, could otherwise reach an engine's other
     * pages; and a few under {@code /v1/} control the engine.
     */
    boolean isOpen(Set<TextPattern> opened) {
        String plain = plainPath();
        if (plain.contains("/.") || plain.contains("\\")) {
            return false;
        }
        for (var pattern : opened) {
            if (pattern.matches(plain)) {
                return true;
            }
        }
        return OPEN.contains(plain) || (path.startsWith(API) && !controls(plain));
    }

    /** Returns whether a path under {@code /v1/} changes an engine for all its clients. */
    private static boolean controls(String plain) {
        int end = plain.indexOf('/', API.length());
        String first = plain.substring(Math.min(API.length(), plain.length()), end < 0 ? plain.length() : end);
        return CONTROL.contains(first.toLowerCase(Locale.ROOT).strip());
    }
}
