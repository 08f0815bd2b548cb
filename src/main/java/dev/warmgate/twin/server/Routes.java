package dev.warmgate.twin.server;

import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.FormModel;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.twin.engine.TwinTokenizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import tools.jackson.databind.JsonNode;

/** Finds out what a request is for, and answers what needs no engine. Shared by a fleet, without state. */
final class Routes {
    private static final String JSON = "application/json";

    private final TwinSettings settings;
    private final long startedAt;
    private final Inference inference;

    Routes(TwinSettings settings, InstantSource clock) {
        this.settings = settings;
        startedAt = clock.millis() / 1000;
        inference = new Inference(settings, clock);
    }

    void answer(TwinReplica replica, HttpCall call, ReplicaConnection connection) {
        if (call.path().equals(FaultsPage.PATH)) {
            FaultsPage.answer(replica, call, connection);
            return;
        }
        if (call.path().startsWith(StoredResponses.PATH)) {
            replica.given().responses().answer(call, connection);
            return;
        }
        String method = method(call.path());
        if (method.isEmpty()) {
            detail(404, "Not Found", "", connection);
        } else if (!method.equals(call.method())) {
            detail(405, "Method Not Allowed", "allow: " + method + "\r\n", connection);
        } else if (call.overflow()) {
            Inference.refuse(VllmError.bodyTooLarge(settings.maxBodyBytes()), call, connection);
        } else {
            dispatch(replica, call, connection);
        }
    }

    /** Returns the method a path takes, or "" if there is no such path. */
    private static String method(String path) {
        return switch (path) {
            case "/health", "/ping", "/version", "/load", "/metrics", "/v1/models" -> "GET";
            case "/v1/chat/completions",
                    "/v1/completions",
                    "/v1/embeddings",
                    "/v1/responses",
                    "/v1/messages",
                    "/v1/messages/count_tokens",
                    "/v1/rerank",
                    "/v2/rerank",
                    "/rerank",
                    "/v1/score",
                    "/score",
                    "/v1/audio/transcriptions",
                    "/tokenize",
                    "/detokenize" -> "POST";
            default -> "";
        };
    }

    private void dispatch(TwinReplica replica, HttpCall call, ReplicaConnection connection) {
        var body = new ByteBuilder();
        switch (call.path()) {
            case "/health", "/ping" -> connection.respond(200, "", "", body);
            case "/version" -> connection.respond(200, JSON, "", body.add("{\"version\":\"0.32.0\"}"));
            case "/load" -> {
                var stats = replica.engine().stats();
                body.add("{\"server_load\":")
                        .add(stats.running() + stats.waiting())
                        .add("}");
                connection.respond(200, JSON, "", body);
            }
            case "/metrics" -> {
                body.add(MetricsPage.of(replica));
                connection.respond(200, "text/plain; version=1.0.0; charset=utf-8", "", body);
            }
            case "/v1/models" -> connection.respond(200, JSON, "", models(body));
            case "/v1/messages/count_tokens" -> countTokens(replica, call, connection);
            case "/tokenize" -> tokenize(replica, call, connection);
            case "/detokenize" -> detokenize(call, connection);
            case "/v1/audio/transcriptions" -> transcribe(call, connection);
            default -> inference.answer(replica, Dialect.of(call.method(), call.path()), call, connection);
        }
    }

    static void detail(int status, String detail, String extraHeaders, ReplicaConnection connection) {
        connection.respond(
                status,
                JSON,
                extraHeaders,
                new ByteBuilder().add("{\"detail\":").quote(detail).add("}"));
    }

    private ByteBuilder models(ByteBuilder body) {
        body.add("{\"object\":\"list\",\"data\":[");
        String separator = "";
        for (String model : settings.models()) {
            body.add(separator)
                    .add("{\"id\":")
                    .quote(model)
                    .add(",\"object\":\"model\",\"created\":")
                    .add(startedAt)
                    .add(",\"owned_by\":\"vllm\",\"root\":")
                    .quote(settings.models().getFirst())
                    .add(",\"parent\":null,\"max_model_len\":")
                    .add(settings.maxModelLen())
                    .add(",\"permission\":[{\"id\":")
                    .quote("modelperm-" + model)
                    .add(",\"object\":\"model_permission\",\"created\":")
                    .add(startedAt)
                    .add(",\"allow_create_engine\":false,\"allow_sampling\":true,\"allow_logprobs\":true,")
                    .add("\"allow_search_indices\":false,\"allow_view\":true,\"allow_fine_tuning\":false,")
                    .add("\"organization\":\"*\",\"group\":null,\"is_blocking\":false}]}");
            separator = ",";
        }
        return body.add("]}");
    }

    private void countTokens(TwinReplica replica, HttpCall call, ReplicaConnection connection) {
        TwinTokenizer tokenizer = replica.loop().tokenizer();
        var result = replica.loop().reader().read(Dialect.ANTHROPIC_MESSAGES, call.body(), 0, call.length(), tokenizer);
        switch (result) {
            case ReadResult.Refused refused ->
                Inference.refuse(VllmError.invalidBody(refused.error()), call, connection);
            case ReadResult.Understood _ -> {
                int tokens = tokenizer.endPrompt(true);
                var body = new ByteBuilder()
                        .add("{\"input_tokens\":")
                        .add(tokens)
                        .add(",\"context_management\":{\"original_input_tokens\":")
                        .add(tokens)
                        .add("}}");
                connection.respond(200, JSON, "", body);
            }
        }
    }

    private void tokenize(TwinReplica replica, HttpCall call, ReplicaConnection connection) {
        JsonNode root = RequestExtras.tree(call);
        boolean chat = root.has("messages");
        var dialect = chat ? Dialect.OPENAI_CHAT : Dialect.OPENAI_COMPLETIONS;
        var tokenizer = TwinTokenizer.keepingIds();
        var result = replica.loop().reader().read(dialect, call.body(), 0, call.length(), tokenizer);
        switch (result) {
            case ReadResult.Refused refused ->
                Inference.refuse(VllmError.invalidBody(refused.error()), call, connection);
            case ReadResult.Understood _ -> {
                tokenizer.endPrompt(chat);
                boolean strings = root.path("return_token_strs").asBoolean(false);
                connection.respond(200, JSON, "", tokens(tokenizer.tokenIds(), strings));
            }
        }
    }

    private static void detokenize(HttpCall call, ReplicaConnection connection) {
        JsonNode ids = RequestExtras.tree(call).path("tokens");
        var bytes = ByteBuffer.allocate(ids.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ids.forEach(id -> bytes.putInt(id.asInt(0)));
        String text = new String(bytes.array(), StandardCharsets.UTF_8).replace("\0", "");
        connection.respond(
                200, JSON, "", new ByteBuilder().add("{\"prompt\":").quote(text).add("}"));
    }

    /** Answers at once: there is no model of how long sound takes. The form's delimiter is its first line. */
    private void transcribe(HttpCall call, ReplicaConnection connection) {
        int line = 0;
        while (line < call.length() && call.body()[line] != '\r') {
            line++;
        }
        String boundary = new String(call.body(), Math.min(2, line), Math.max(0, line - 2), StandardCharsets.UTF_8);
        var form = FormModel.of("multipart/form-data; boundary=\"" + boundary + "\"");
        String named = form != null && form.find(call.body(), 0, call.length()) ? form.model() : null;
        String model = named == null ? settings.models().getFirst() : named;
        if (settings.models().contains(model)) {
            String text = "{\"text\":\"" + call.length()
                    + " bytes of sound\",\"usage\":{\"type\":\"duration\",\"seconds\":1}}";
            connection.respond(200, JSON, "", new ByteBuilder().add(text));
        } else {
            Inference.refuse(VllmError.unknownModel(model, settings.models()), call, connection);
        }
    }

    private ByteBuilder tokens(int[] ids, boolean strings) {
        var body = new ByteBuilder()
                .add("{\"count\":")
                .add(ids.length)
                .add(",\"max_model_len\":")
                .add(settings.maxModelLen())
                .add(",\"tokens\":[");
        for (int i = 0; i < ids.length; i++) {
            body.add(i == 0 ? "" : ",").add(ids[i]);
        }
        body.add("],\"token_strs\":");
        if (!strings) {
            return body.add("null}");
        }
        for (int i = 0; i < ids.length; i++) {
            byte[] token = ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(ids[i])
                    .array();
            body.add(i == 0 ? "[" : ",").quote(new String(token, StandardCharsets.UTF_8));
        }
        return body.add("]}");
    }
}
