package dev.warmgate.console;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An answer of the admin door; {@code headers} are those besides the usual ones. */
record Page(int status, String contentType, String body, Map<String, String> headers) {
    Page {
        headers = Map.copyOf(headers);
    }

    Page(int status, String contentType, String body) {
        this(status, contentType, body, Map.of());
    }

    /** Returns it with a header. */
    Page with(String name, String value) {
        return new Page(status, contentType, body, Map.of(name, value));
    }

    static Page text(int status, String body) {
        return new Page(status, "text/plain; charset=utf-8", body);
    }

    static Page json(String body) {
        return new Page(200, "application/json", body);
    }

    static Page json(int status, JsonNode body) {
        return new Page(status, "application/json", JsonMapper.shared().writeValueAsString(body) + "\n");
    }
}
