package dev.warmgate.console;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An answer of the admin door. */
record Page(int status, String contentType, String body) {
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
