package dev.warmgate.twin.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of one replica, for tests. */
final class TwinClient implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;

    TwinClient(TwinReplica replica) {
        url = replica.url();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(url.resolve(path)).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, String... headers) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url.resolve(path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    JsonNode json(String path, String body) throws IOException, InterruptedException {
        var response = post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    List<JsonNode> stream(String path, String body) throws IOException, InterruptedException {
        var response = post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream; charset=utf-8");
        return events(response.body());
    }

    /** Returns the JSON of each event; the end mark is left out, names must agree with types. */
    static List<JsonNode> events(String stream) {
        var events = new ArrayList<JsonNode>();
        for (String event : stream.split("\n\n", -1)) {
            int at = event.indexOf("data: ");
            String data = at < 0 ? "" : event.substring(at + 6).strip();
            if (data.isBlank() || data.equals("[DONE]")) {
                continue;
            }
            JsonNode json = JSON.readTree(data);
            if (event.startsWith("event: ")) {
                assertThat(event.substring(7, event.indexOf('\n')))
                        .isEqualTo(json.path("type").asString());
            }
            events.add(json);
        }
        return events;
    }

    @Override
    public void close() {
        http.close();
    }
}
