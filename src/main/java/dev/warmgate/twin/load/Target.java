package dev.warmgate.twin.load;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** Questions to a target before load is sent to it. */
public final class Target {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int OK = 200;

    private Target() {}

    /**
     * Returns the target of an address as people write it: a trailing {@code /} or {@code /v1} is left out.
     *
     * @throws IllegalArgumentException if it is no http or https URL
     */
    public static URI parse(String text) {
        URI target;
        try {
            target = URI.create(text.replaceFirst("/+$", "").replaceFirst("/v1$", ""));
        } catch (IllegalArgumentException _) {
            target = URI.create("");
        }
        boolean web = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
        if (!web || target.getHost() == null || target.getQuery() != null || target.getFragment() != null) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" (expected: a URL such as http://127.0.0.1:8080 or https://llm.example.com)");
        }
        return target;
    }

    /**
     * Returns the first model that a target lists.
     *
     * @throws IOException if it cannot be reached or lists none; the message says so in a line
     * @throws InterruptedException if the thread is interrupted
     */
    public static String firstModel(URI target, @Nullable String apiKey) throws IOException, InterruptedException {
        var address = URI.create(target + "/v1/models");
        var answer = get(address, apiKey);
        try {
            var id = JSON.readTree(answer).path("data").path(0).path("id");
            if (id.isString()) {
                return id.stringValue();
            }
        } catch (JacksonException _) {
            // said below
        }
        throw new IOException(address + " lists no model (name one with --model)");
    }

    /**
     * Connects once, so that a wrong address is found before anything is measured.
     *
     * @throws IOException if the target cannot be reached; the message says so in a line
     * @throws InterruptedException if the thread is interrupted
     */
    public static void requireReachable(URI target, @Nullable String apiKey) throws IOException, InterruptedException {
        send(URI.create(target + "/v1/models"), apiKey);
    }

    private static String get(URI address, @Nullable String apiKey) throws IOException, InterruptedException {
        var answer = send(address, apiKey);
        if (answer.status != OK) {
            throw new IOException(address + " answers status " + answer.status + " (name the model with --model)");
        }
        return answer.body;
    }

    private static Answer send(URI address, @Nullable String apiKey) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address).timeout(PATIENCE).GET();
        if (apiKey != null) {
            request.header("authorization", "Bearer " + apiKey);
        }
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            var response = client.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (ConnectException _) {
            throw new IOException("cannot connect to " + address);
        } catch (IOException e) {
            throw new IOException("cannot reach " + address + ": " + (e.getMessage() == null ? e : e.getMessage()), e);
        }
    }

    private record Answer(int status, String body) {}
}
