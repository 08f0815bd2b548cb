package dev.warmgate.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.Policies;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** A door that nobody else is told of, and one who comes to it with requests. On the thread that opened it. */
interface Rehearsal extends AutoCloseable {
    /** An end to waiting for what does not come. */
    Duration PATIENCE = Duration.ofSeconds(5);

    /** What is asked, one after the other: a request of each kind that is usual. */
    List<Question> QUESTIONS = List.of(
            new Question("/v1/chat/completions", true),
            new Question("/v1/chat/completions", false),
            new Question("/v1/messages", true));

    /** How the bodies of all requests end. */
    String BODY_END = "\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\""
            + "One line of a prompt,\\nand another one. ".repeat(100) + "\"}]}";

    /** An event of a stream that answers. */
    String EVENT = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";

    /** How such a stream ends. */
    String LAST_EVENT = "data: [DONE]\n\n";

    /** An answer that is none. */
    String WHOLE = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a\"}}],"
            + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}";

    /** A request. */
    record Question(String path, boolean stream) {
        String body() {
            return "{\"model\":\"m\"," + (stream ? "\"stream\":true," : "") + BODY_END;
        }
    }

    /** Opens the door. */
    @FunctionalInterface
    interface Opening {
        Rehearsal open() throws IOException;
    }

    /**
     * Asks a question and takes the answer to its end.
     *
     * @return whether all of it was as it should be
     */
    boolean ask(Question question) throws IOException;

    /** Closes the door; what it knew is forgotten. */
    @Override
    void close();

    /** Returns a router over one endpoint, which routes as a gateway does unless it is told otherwise. */
    static Router router(URI endpoint) {
        var pool = new PoolSpec(
                "warm-up",
                List.of(EndpointSpec.of(endpoint)),
                Set.of("m"),
                HealthPolicy.DEFAULT,
                PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
                PoolSpec.DEFAULT_INDEX_BYTES);
        var policy = requireNonNull(Policies.create(Policies.WARM), "warm");
        return new Router(List.of(new Pool(pool, policy, System::nanoTime, new SplittableRandom())));
    }

    static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }
}
