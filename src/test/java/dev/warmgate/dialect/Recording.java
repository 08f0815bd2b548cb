package dev.warmgate.dialect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What a real engine was sent and answered: {@code #} lines about the request, status and headers, an empty line, and
 * the body byte for byte.
 */
record Recording(String name, String path, String request, String response) {
    private static final String POST = "# POST ";
    private static final String REQUEST_BODY = "# body: ";

    /** Loads a recording by its name, such as {@code vllm/chat.json}. */
    static Recording load(String name) {
        byte[] file;
        try (var in = Objects.requireNonNull(Recording.class.getResourceAsStream(name), name)) {
            file = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // ISO 8859-1 keeps every byte.
        var text = new String(file, StandardCharsets.ISO_8859_1);
        int bodyStart = text.indexOf("\n\n") + 2;
        var path = "";
        var requestBody = "";
        for (var line : text.substring(0, bodyStart).lines().toList()) {
            if (line.startsWith(POST)) {
                path = line.substring(POST.length()).replaceFirst(" .*", "");
            } else if (line.startsWith(REQUEST_BODY)) {
                requestBody = line.substring(REQUEST_BODY.length());
            }
        }
        return new Recording(name, path, requestBody, text.substring(bodyStart));
    }

    byte[] requestBody() {
        return request.getBytes(StandardCharsets.ISO_8859_1);
    }

    byte[] body() {
        return response.getBytes(StandardCharsets.ISO_8859_1);
    }

    Dialect dialect() {
        return Dialect.of("POST", path);
    }

    boolean isStream() {
        return name.endsWith(".sse");
    }
}
