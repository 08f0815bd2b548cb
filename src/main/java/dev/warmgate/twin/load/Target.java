package dev.warmgate.twin.load;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** Questions to a target before load is sent to it. */
public final class Target {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String IGNORE_EOS = "ignore_eos";
    private static final int OK = 200;

    /** First digit of a status that blames the request. */
    private static final int CLIENT_ERROR = 4;

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
        send(HttpRequest.newBuilder(URI.create(target + "/v1/models")), apiKey, PATIENCE);
    }

    /**
     * Asks for an answer of one token and returns whether {@code ignore_eos} may be said: engines know it, other servers
     * may refuse what they do not know.
     *
     * @param patience how long the answer may take
     * @throws IOException if there is no answer; the message says so in a line
     * @throws InterruptedException if the thread is interrupted
     */
    public static boolean takesIgnoreEos(URI target, String model, @Nullable String apiKey, Duration patience)
            throws IOException, InterruptedException {
        var address = URI.create(target + "/v1/chat/completions");
        var answer = ask(address, model, apiKey, patience, true);
        boolean refused = answer.status / 100 == CLIENT_ERROR && answer.body.contains(IGNORE_EOS);
        if (refused) {
            answer = ask(address, model, apiKey, patience, false);
        }
        if (answer.status != OK) {
            throw new IOException(address + " answers status " + answer.status + reason(answer.body));
        }
        return !refused;
    }

    private static Answer ask(URI address, String model, @Nullable String apiKey, Duration patience, boolean ignoreEos)
            throws IOException, InterruptedException {
        var body = JSON.createObjectNode().put("model", model).put("max_tokens", 1);
        body.putArray("messages").addObject().put("role", "user").put("content", "Hi");
        if (ignoreEos) {
            body.put(IGNORE_EOS, true);
        }
        return send(
                HttpRequest.newBuilder(address)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(body.toString())),
                apiKey,
                patience);
    }

    /** Returns what an answer in OpenAI's or vLLM's form says went wrong, as the end of a line. */
    private static String reason(String body) {
        try {
            var document = JSON.readTree(body);
            var message = document.path("error")
                    .path("message")
                    .asString(document.path("message").asString(""));
            return message.isBlank() ? "" : ": " + message.lines().findFirst().orElseThrow();
        } catch (JacksonException _) {
            return "";
        }
    }

    private static String get(URI address, @Nullable String apiKey) throws IOException, InterruptedException {
        var answer = send(HttpRequest.newBuilder(address), apiKey, PATIENCE);
        if (answer.status != OK) {
            throw new IOException(address + " answers status " + answer.status + " (name the model with --model)");
        }
        return answer.body;
    }

    private static Answer send(HttpRequest.Builder asking, @Nullable String apiKey, Duration patience)
            throws IOException, InterruptedException {
        if (apiKey != null) {
            asking.header("authorization", "Bearer " + apiKey);
        }
        var request = asking.timeout(patience).build();
        var address = request.uri();
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            var response = client.send(request, BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (ConnectException _) {
            throw new IOException("cannot connect to " + address);
        } catch (IOException e) {
            throw new IOException("cannot reach " + address + ": " + (e.getMessage() == null ? e : e.getMessage()), e);
        }
    }

    private record Answer(int status, String body) {}
}
