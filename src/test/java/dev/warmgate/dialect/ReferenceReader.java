package dev.warmgate.dialect;

import static dev.warmgate.dialect.ReferenceHints.first;
import static dev.warmgate.dialect.ReferenceHints.id;
import static dev.warmgate.dialect.ReferenceHints.priority;
import static dev.warmgate.dialect.ReferenceHints.tier;

import dev.warmgate.dialect.JacksonTree.Fields;
import dev.warmgate.dialect.JacksonTree.Items;
import dev.warmgate.dialect.JacksonTree.Node;
import dev.warmgate.dialect.JacksonTree.Scalar;
import dev.warmgate.dialect.JacksonTree.Text;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link RequestReader} should come to, written plainly over a tree: the same facts, and the prompt in the notation
 * of {@link PromptRecorder}.
 */
final class ReferenceReader {
    private static final Set<String> MEDIA = Set.of(
            "image_url",
            "image",
            "input_image",
            "input_audio",
            "audio",
            "audio_url",
            "video",
            "video_url",
            "file",
            "input_file",
            "document");
    private static final List<String> MEDIA_KEYS = List.of(
            "image_url",
            "source",
            "input_audio",
            "audio_url",
            "video_url",
            "file",
            "file_data",
            "file_url",
            "file_id",
            "image",
            "audio",
            "video");
    private static final Set<String> TEXT_TYPES = Set.of("text", "input_text", "output_text");
    private static final Set<String> REASONING = Set.of("thinking", "redacted_thinking", "reasoning");

    private static final List<String> DATA_KEYS = List.of("url", "data", "file_data", "file_url", "file_id");

    record Result(ReadResult.Understood understood, String prompt) {}

    private static final class Refusal extends RuntimeException {}

    private final StringBuilder out = new StringBuilder();

    /** Returns nothing where the body is to be refused. */
    static Optional<Result> read(Dialect dialect, byte[] body) {
        var tree = JacksonTree.parse(body);
        if (tree.isEmpty() || !(tree.get() instanceof Fields root)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ReferenceReader().read(dialect, root));
        } catch (Refusal e) {
            return Optional.empty();
        }
    }

    private Result read(Dialect dialect, Fields root) {
        String model = text(root.get("model"));
        check(!model.isEmpty());
        String session = null;
        String continues = null;
        int limit = -1;
        if (root.get("cache_salt") instanceof Text salt) {
            out.append("{0#").append(PromptRecorder.shown(salt.raw())).append('}');
        }
        switch (dialect) {
            case OPENAI_CHAT -> {
                tools(root.get("tools") != null ? root.get("tools") : root.get("functions"));
                chat(items(root.get("messages")));
                limit = number(root.get("max_completion_tokens"));
                int older = number(root.get("max_tokens"));
                limit = limit >= 0 ? limit : older;
                session = first(root.get("prompt_cache_key"), root.get("user"));
            }
            case OPENAI_COMPLETIONS -> {
                prompts(root.get("prompt"));
                limit = number(root.get("max_tokens"));
                session = first(root.get("prompt_cache_key"), root.get("user"));
            }
            case OPENAI_EMBEDDINGS -> {
                if (root.get("input") == null && root.get("messages") != null) {
                    chat(items(root.get("messages")));
                } else {
                    prompts(root.get("input"));
                }
                session = first(root.get("prompt_cache_key"), root.get("user"));
            }
            case RERANK -> {
                for (var name : List.of("query", "queries", "text_1", "documents", "text_2")) {
                    var text = root.get(name);
                    out.append(text == null ? "" : text.raw());
                }
                session = first(root.get("prompt_cache_key"), root.get("user"));
            }
            case OPENAI_RESPONSES -> {
                tools(root.get("tools"));
                system(root.get("instructions"));
                responses(root.get("input"));
                limit = number(root.get("max_output_tokens"));
                var conversation = root.get("conversation");
                session = first(
                        conversation instanceof Fields fields ? fields.get("id") : conversation,
                        root.get("prompt_cache_key"),
                        root.get("user"),
                        root.get("previous_response_id"));
                continues = id(root.get("previous_response_id"));
                if (continues == null) {
                    continues = id(conversation instanceof Fields fields ? fields.get("id") : conversation);
                }
            }
            case ANTHROPIC_MESSAGES -> {
                tools(root.get("tools"));
                system(root.get("system"));
                anthropic(items(root.get("messages")));
                limit = number(root.get("max_tokens"));
                session = root.get("metadata") instanceof Fields metadata ? first(metadata.get("user_id")) : null;
            }
            case BY_MODEL, UPLOAD, OTHER -> throw new IllegalArgumentException();
        }
        boolean usage = false;
        if (dialect == Dialect.OPENAI_CHAT || dialect == Dialect.OPENAI_COMPLETIONS) {
            var options = root.get("stream_options");
            check(options == null || options instanceof Fields);
            usage = options instanceof Fields fields && flag(fields.get("include_usage"));
        }
        return new Result(
                new ReadResult.Understood(
                        model,
                        flag(root.get("stream")),
                        usage,
                        limit,
                        session,
                        continues,
                        tier(root.get("service_tier")),
                        priority(root.get("priority")),
                        null),
                out.toString());
    }

    private void tools(@Nullable Node tools) {
        if (tools == null) {
            return;
        }
        var text = new StringBuilder();
        for (var tool : items(tools)) {
            var fields = fields(tool);
            var definition = fields.get("function") instanceof Fields function ? function : fields;
            if (definition.get("name") == null) {
                text.append(tool.raw());
                continue;
            }
            text.append("{\"name\":").append(raw(definition.get("name")));
            for (var key : List.of("description", "parameters", "input_schema")) {
                var value = definition.get(key);
                if (value != null) {
                    text.append(",\"")
                            .append(key.equals("input_schema") ? "parameters" : key)
                            .append("\":");
                    text.append(value.raw());
                }
            }
            text.append('}');
        }
        if (!items(tools).isEmpty()) {
            message("tools", text.toString());
        }
    }

    private void system(@Nullable Node system) {
        if (system != null) {
            message("system", content(system));
        }
    }

    private void chat(List<Node> messages) {
        for (var message : messages) {
            var fields = fields(message);
            String role = role(fields);
            var text = new StringBuilder(content(fields.get("content")));
            var calls = fields.get("tool_calls");
            for (var call : calls == null ? List.<Node>of() : items(calls)) {
                var function = fields(call).get("function");
                text.append(function == null ? call.raw() : call(fields(function), "arguments"));
            }
            if (fields.get("function_call") != null) {
                text.append(call(fields(fields.get("function_call")), "arguments"));
            }
            message(role, text.toString());
        }
    }

    private void anthropic(List<Node> messages) {
        for (var message : messages) {
            var fields = fields(message);
            String role = role(fields);
            if (!(fields.get("content") instanceof Items parts)
                    || parts.values().isEmpty()) {
                message(role, content(fields.get("content")));
                continue;
            }
            int from = 0;
            var values = parts.values();
            for (int i = 0; i <= values.size(); i++) {
                boolean result = i < values.size() && isType(values.get(i), "tool_result");
                if (i < values.size() && !result) {
                    continue;
                }
                if (i > from) {
                    message(role, parts(values.subList(from, i)));
                }
                if (result) {
                    message("tool", content(fields(values.get(i)).get("content")));
                }
                from = i + 1;
            }
        }
    }

    private void responses(@Nullable Node input) {
        if (input instanceof Text text) {
            message("user", text.value());
            return;
        }
        StringBuilder assistant = null;
        for (var item : items(input)) {
            var fields = fields(item);
            if (isType(item, "reasoning")) {
                continue;
            }
            if (isType(item, "function_call") || isType(item, "custom_tool_call")) {
                assistant = assistant == null ? new StringBuilder() : assistant;
                assistant.append(call(fields, fields.get("arguments") == null ? "input" : "arguments"));
                continue;
            }
            if (assistant != null) {
                message("assistant", assistant.toString());
                assistant = null;
            }
            if (isType(item, "function_call_output") || isType(item, "custom_tool_call_output")) {
                message("tool", content(fields.get("output")));
            } else if (fields.get("type") == null || isType(item, "message")) {
                String role = role(fields);
                String text = content(fields.get("content"));
                if (role.equals("assistant")) {
                    assistant = new StringBuilder(text);
                } else {
                    message(role, text);
                }
            } else {
                message("assistant", item.raw());
            }
        }
        if (assistant != null) {
            message("assistant", assistant.toString());
        }
    }

    private void prompts(@Nullable Node prompt) {
        if (prompt instanceof Text text) {
            out.append(text.value());
            return;
        }
        var values = items(prompt);
        if (!values.isEmpty() && isTokenId(values.getFirst())) {
            out.append(tokens(values));
            return;
        }
        for (int i = 0; i < values.size(); i++) {
            String text = values.get(i) instanceof Text string ? string.value() : tokens(items(values.get(i)));
            out.append(i == 0 ? text : "<prompt|" + text + ">");
        }
    }

    private static String tokens(List<Node> tokens) {
        var text = new StringBuilder();
        for (var token : tokens) {
            check(isTokenId(token));
            text.append("{1#").append(token.raw()).append('}');
        }
        return text.toString();
    }

    private static boolean isTokenId(Node node) {
        return node instanceof Scalar && node.raw().matches("[0-9]+");
    }

    private void message(String role, String text) {
        out.append('<').append(role).append('|').append(text).append('>');
    }

    private static String content(@Nullable Node content) {
        return switch (content) {
            case null -> "";
            case Text text -> text.value();
            default -> parts(items(content));
        };
    }

    private static String parts(List<Node> parts) {
        var out = new StringBuilder();
        boolean afterText = false;
        for (var part : parts) {
            String text = null;
            String other = "";
            if (part instanceof Text string) {
                text = string.value();
            } else {
                var fields = fields(part);
                String type = fields.get("type") == null ? "text" : text(fields.get("type"));
                if (TEXT_TYPES.contains(type)) {
                    text = text(fields.get("text"));
                } else if (type.equals("refusal")) {
                    text = text(fields.get("refusal"));
                } else if (REASONING.contains(type)) {
                    continue;
                } else if (type.equals("tool_use") || type.equals("server_tool_use")) {
                    other = call(fields, "input");
                } else if (MEDIA.contains(type)) {
                    var media = firstOf(fields, MEDIA_KEYS);
                    Node data = media.filter(Fields.class::isInstance)
                            .flatMap(object -> firstOf((Fields) object, DATA_KEYS))
                            .filter(Text.class::isInstance)
                            .orElse(media.orElse(part));
                    other = "{1000#" + PromptRecorder.shown(media(data.raw())) + "}";
                } else {
                    other = part.raw();
                }
            }
            out.append(text == null ? other : (afterText ? "\n" : "") + text);
            afterText = text != null;
        }
        return out.toString();
    }

    private static Optional<Node> firstOf(Fields fields, List<String> keys) {
        return keys.stream().filter(key -> fields.get(key) != null).findFirst().<Node>map(fields::get);
    }

    /** Returns what is in a string without escapes, less what a data URL says in front. */
    private static String media(String raw) {
        if (!raw.startsWith("\"") || raw.contains("\\")) {
            return raw;
        }
        String inside = raw.substring(1, raw.length() - 1);
        return inside.startsWith("data:") ? inside.substring(inside.indexOf(',') + 1) : inside;
    }

    private static String call(Fields function, String arguments) {
        text(function.get("name"));
        var value = function.get(arguments);
        String text =
                value instanceof Text string ? JacksonTree.minify(string.value()) : value == null ? "" : value.raw();
        boolean none =
                value == null || (value instanceof Text string && string.value().isEmpty());
        return "{\"name\":" + raw(function.get("name")) + ",\"arguments\":" + (none ? "{}" : text) + "}";
    }

    private static String role(Fields message) {
        return switch (text(message.get("role"))) {
            case "developer" -> "system";
            case "function" -> "tool";
            case String role -> role;
        };
    }

    private static boolean isType(Node node, String type) {
        return node instanceof Fields fields
                && fields.get("type") instanceof Text text
                && text.value().equals(type);
    }

    private static boolean flag(@Nullable Node node) {
        check(node == null || Set.of("true", "false").contains(node.raw()));
        return node != null && node.raw().equals("true");
    }

    private static int number(@Nullable Node node) {
        if (node == null) {
            return -1;
        }
        check(node instanceof Scalar && !Set.of("true", "false").contains(node.raw()));
        try {
            var number = new BigDecimal(node.raw());
            if (number.signum() < 0) {
                return -1;
            }
            return number.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) >= 0
                    ? Integer.MAX_VALUE
                    : number.intValueExact();
        } catch (ArithmeticException e) {
            throw new Refusal();
        }
    }

    private static String text(@Nullable Node node) {
        check(node instanceof Text);
        return node instanceof Text text ? text.value() : "";
    }

    private static String raw(@Nullable Node node) {
        check(node != null);
        return node == null ? "" : node.raw();
    }

    private static List<Node> items(@Nullable Node node) {
        check(node instanceof Items);
        return node instanceof Items items ? items.values() : List.of();
    }

    private static Fields fields(@Nullable Node node) {
        check(node instanceof Fields);
        return node instanceof Fields fields ? fields : new Fields(List.of());
    }

    private static void check(boolean condition) {
        if (!condition) {
            throw new Refusal();
        }
    }
}
