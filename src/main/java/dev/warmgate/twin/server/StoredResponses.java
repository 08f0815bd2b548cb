package dev.warmgate.twin.server;

import java.util.Arrays;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The responses that a server keeps: in its memory, as vLLM does with {@code VLLM_ENABLE_RESPONSES_API_STORE=1}, and gone
 * with its process. vLLM keeps all of them; here the oldest go beyond {@value #MOST} or {@value #MOST_BYTES} bytes.
 *
 * <p>All are complete, so none can be cancelled. That one can be deleted is OpenAI's API, not vLLM's. Event-loop confined.
 */
final class StoredResponses {
    static final String PATH = "/v1/responses/";

    private static final int MOST = 10_000;
    private static final int MOST_BYTES = 16 << 20;
    private static final String JSON = "application/json";

    private final LinkedHashMap<String, byte[]> byId = new LinkedHashMap<>();
    private long bytes;

    void put(String id, ByteBuilder response) {
        remove(id);
        byId.put(id, Arrays.copyOf(response.array(), response.length()));
        bytes += response.length();
        while (byId.size() > MOST || bytes > MOST_BYTES) {
            remove(byId.firstEntry().getKey());
        }
    }

    private byte @Nullable [] remove(String id) {
        byte[] removed = byId.remove(id);
        bytes -= removed == null ? 0 : removed.length;
        return removed;
    }

    boolean has(String id) {
        return byId.containsKey(id);
    }

    /** Answers a request for a path below {@link #PATH}. */
    void answer(HttpCall call, ReplicaConnection connection) {
        String rest = call.path().substring(PATH.length());
        int slash = rest.indexOf('/');
        String id = slash < 0 ? rest : rest.substring(0, slash);
        String action = slash < 0 ? "" : rest.substring(slash);
        byte[] response = byId.get(id);
        switch (call.method() + action) {
            case "GET", "DELETE", "POST/cancel" -> {
                if (response == null) {
                    Inference.refuse(VllmError.unknownResponse(id), call, connection);
                } else if (call.method().equals("POST")) {
                    Inference.refuse(VllmError.notInBackground(), call, connection);
                } else if (call.method().equals("GET")) {
                    connection.respond(200, JSON, "", new ByteBuilder().add(response));
                } else {
                    remove(id);
                    var deleted = new ByteBuilder().add("{\"id\":").quote(id).add(",\"object\":\"response\",");
                    connection.respond(200, JSON, "", deleted.add("\"deleted\":true}"));
                }
            }
            default -> Routes.detail(404, "Not Found", "", connection);
        }
    }
}
