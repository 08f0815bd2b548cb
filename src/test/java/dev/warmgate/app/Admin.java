package dev.warmgate.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of both doors of one gateway. */
record Admin(Gateway gateway, HttpClient client) {
    private static final String CHAT = "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    static Admin of(Gateway gateway) {
        return new Admin(gateway, HttpClient.newHttpClient());
    }

    private URI admin(String path) {
        return URI.create("http://127.0.0.1:" + gateway.adminAddress().getPort() + path);
    }

    HttpResponse<String> post(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(admin(path))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    String get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(admin(path)).build(), BodyHandlers.ofString())
                .body();
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get(path));
    }

    /** Returns the version of the configuration in force. */
    long version() throws IOException, InterruptedException {
        return json("/admin/config").at("/version").longValue();
    }

    CompletableFuture<HttpResponse<String>> chat(String... headers) {
        var request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.httpAddress().getPort() + "/v1/chat/completions"))
                .POST(BodyPublishers.ofString(CHAT));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }
}
