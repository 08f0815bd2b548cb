package dev.warmgate.twin.server;

import dev.warmgate.router.prefix.XxHash64;
import dev.warmgate.twin.engine.AnswerText;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What a simulated model must know of a request beyond what a router reads: which tool to call, what to embed.
 *
 * <p>The body is parsed into a tree, so this is asked only of requests that need it. Stateless.
 */
final class RequestExtras {
    private static final int DEFAULT_DIMENSIONS = 64;
    private static final int MOST_DIMENSIONS = 4096;
    private static final byte[] TOOL_CHOICE = ByteBuilder.bytes("\"tool_choice\"");

    private static final byte[] PREVIOUS = ByteBuilder.bytes("\"previous_response_id\"");
    private static final byte[] STORE = ByteBuilder.bytes("\"store\"");

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private RequestExtras() {}

    /**
     * What an embeddings request wants.
     *
     * @param seeds one per input
     * @param dimensions length of the vectors
     * @param base64 whether vectors are encoded bytes (what OpenAI's SDKs ask for) or lists of numbers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Embedding(long[] seeds, int dimensions, boolean base64) {}

    /** Returns the body as a tree, or an empty object if it is none. */
    static JsonNode tree(HttpCall call) {
        try {
            return MAPPER.readTree(call.body(), 0, call.length());
        } catch (JacksonException _) {
            return NODES.objectNode();
        }
    }

    /** Returns the response that a request of Responses goes on from, or null. */
    static @Nullable String previous(HttpCall call) {
        return contains(call, PREVIOUS)
                ? tree(call).path("previous_response_id").asStringOpt().orElse(null)
                : null;
    }

    /** Returns whether the answer to a request of Responses is to be kept. */
    static boolean store(HttpCall call) {
        return !contains(call, STORE) || tree(call).path("store").asBoolean(true);
    }

    static Embedding embedding(HttpCall call) {
        JsonNode root = tree(call);
        JsonNode input = root.path("input");
        long[] seeds;
        if (input.isArray() && !input.isEmpty() && !input.get(0).isNumber()) {
            seeds = new long[input.size()];
            for (int i = 0; i < seeds.length; i++) {
                seeds[i] = seed(input.get(i));
            }
        } else {
            seeds = new long[] {seed(input)};
        }
        int dimensions = Math.clamp(root.path("dimensions").asInt(DEFAULT_DIMENSIONS), 1, MOST_DIMENSIONS);
        return new Embedding(
                seeds, dimensions, root.path("encoding_format").asString("").equals("base64"));
    }

    private static long seed(JsonNode input) {
        byte[] bytes = input.toString().getBytes(StandardCharsets.UTF_8);
        return XxHash64.hash(bytes, 0, bytes.length, 0);
    }

    /**
     * Returns the call that the request demands with {@code tool_choice}, in any dialect; null if it leaves the model
     * free, which then answers with text.
     *
     * @param seed what the arguments follow from
     */
    static @Nullable ToolCall toolCall(HttpCall call, long seed) {
        if (!contains(call, TOOL_CHOICE)) {
            return null;
        }
        JsonNode root = tree(call);
        JsonNode choice = root.path("tool_choice");
        // OpenAI: "required" or {"type":"function", …}; Anthropic: {"type":"any"} or {"type":"tool","name":…}.
        String kind =
                choice.isString() ? choice.asString() : choice.path("type").asString("");
        String wanted = definition(choice).path("name").asString("");
        boolean demanded = kind.equals("required") || kind.equals("any") || !wanted.isEmpty();
        if (!demanded) {
            return null;
        }
        for (JsonNode tool : root.path("tools")) {
            JsonNode definition = definition(tool);
            String name = definition.path("name").asString("");
            if (!name.isEmpty() && (wanted.isEmpty() || wanted.equals(name))) {
                JsonNode schema = definition.path("parameters");
                JsonNode arguments =
                        example(schema.isMissingNode() ? definition.path("input_schema") : schema, seed, 0);
                return new ToolCall(name, MAPPER.writeValueAsString(arguments));
            }
        }
        return null;
    }

    /** Chat puts a function one level deeper than the others. */
    private static JsonNode definition(JsonNode tool) {
        JsonNode function = tool.path("function");
        return function.isObject() ? function : tool;
    }

    /** Returns a value that fits a schema's types, allowed values and required members. */
    private static JsonNode example(JsonNode schema, long seed, int depth) {
        JsonNode allowed = schema.path("enum");
        if (allowed.isArray() && !allowed.isEmpty()) {
            return allowed.get((int) Long.remainderUnsigned(seed, allowed.size()));
        }
        JsonNode type = schema.path("type").isArray() ? schema.path("type").path(0) : schema.path("type");
        return switch (type.asString("object")) {
            case "string" -> NODES.stringNode(word(seed));
            case "integer", "number" -> NODES.numberNode(schema.path("minimum").asInt(1));
            case "boolean" -> NODES.booleanNode(true);
            case "null" -> NODES.nullNode();
            case "array" -> NODES.arrayNode().add(example(schema.path("items"), seed, depth + 1));
            default -> exampleObject(schema, seed, depth);
        };
    }

    private static JsonNode exampleObject(JsonNode schema, long seed, int depth) {
        var object = NODES.objectNode();
        if (depth < 8) {
            int i = 0;
            for (var property : schema.path("properties").properties()) {
                object.set(property.getKey(), example(property.getValue(), XxHash64.mix(seed + ++i), depth + 1));
            }
        }
        return object;
    }

    private static String word(long seed) {
        return new String(AnswerText.write(seed, 1), StandardCharsets.US_ASCII).strip();
    }

    private static boolean contains(HttpCall call, byte[] wanted) {
        byte[] body = call.body();
        for (int at = 0; at <= call.length() - wanted.length; at++) {
            int i = 0;
            while (i < wanted.length && body[at + i] == wanted[i]) {
                i++;
            }
            if (i == wanted.length) {
                return true;
            }
        }
        return false;
    }
}
