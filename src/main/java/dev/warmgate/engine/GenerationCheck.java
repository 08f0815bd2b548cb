package dev.warmgate.engine;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The check that asks an endpoint for one token. An engine whose worker died or hangs may answer its health page for a
 * long time; only a token proves that it generates.
 *
 * <p>It asks for a stream, because a request that is given up is then cancelled by every engine (llama.cpp would go on with
 * one that is not). Confined to the endpoint's watch.
 */
final class GenerationCheck {
    static final String PATH = "/v1/completions";

    private static final Logger LOG = LoggerFactory.getLogger(GenerationCheck.class);

    /** Sends the request and reads the answer. */
    interface Asker {
        EndpointHttp.Answer post(String path, byte[] json, EndpointHttp.Body body) throws IOException;
    }

    private final Pool pool;
    private final Endpoint endpoint;
    private final Asker asker;
    private boolean saidThatItCannot;

    GenerationCheck(Pool pool, Endpoint endpoint, Asker asker) {
        this.pool = pool;
        this.endpoint = endpoint;
        this.asker = asker;
    }

    /**
     * Asks for a token.
     *
     * @return false if none came. True also if the endpoint is too busy to be judged by this, or does not do this at all:
     *     embedding models refuse, and so do servers that want a key we do not have
     */
    boolean passes() {
        String model = model();
        if (model == null) {
            return true; // it told no model yet
        }
        var text = new ByteArrayOutputStream();
        try {
            var answer = asker.post(PATH, request(model), text::write);
            int status = answer.status();
            if (status == 200) {
                return isToken(text.toString(StandardCharsets.UTF_8));
            }
            if (status >= 500 && status != 501) {
                return false;
            }
            if (status != 429 && !saidThatItCannot) {
                saidThatItCannot = true;
                LOG.info(
                        "Endpoint {} answers {} when asked for a token of {}: it is checked by its health page alone",
                        endpoint.name(),
                        status,
                        model);
            }
            return true;
        } catch (SocketTimeoutException e) {
            return endpoint.inFlight() > 0; // full, or dead: its requests will tell
        } catch (IOException e) {
            return false;
        }
    }

    /** A dying vLLM answers 200 and then an event with an error. */
    private static boolean isToken(String stream) {
        return stream.contains("\"choices\"") && !stream.contains("data: {\"error\"");
    }

    private @Nullable String model() {
        var served = endpoint.models();
        var names = new TreeSet<>(served == null ? pool.models() : served);
        return names.isEmpty() ? null : names.first();
    }

    private static byte[] request(String model) {
        var json = JsonNodeFactory.instance
                .objectNode()
                .put("model", model)
                .put("prompt", "1")
                .put("max_tokens", 1)
                .put("temperature", 0)
                .put("stream", true);
        return JsonMapper.shared().writeValueAsBytes(json);
    }
}
