package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;

/** Request bodies that look like real ones, written in all the odd ways JSON allows, whole or damaged. */
final class RandomRequests {
    private static final List<String> TYPES = List.of(
            "text",
            "input_text",
            "output_text",
            "refusal",
            "thinking",
            "image_url",
            "image",
            "tool_use",
            "tool_result",
            "document",
            "strange",
            "function_call",
            "function_call_output",
            "reasoning",
            "message",
            "item_reference");
    private static final List<String> ROLES =
            List.of("system", "developer", "user", "assistant", "tool", "function", "critic", "usér");
    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "1",
            "17",
            "4096",
            "-1",
            "100.0",
            "1e2",
            "1.5",
            "1E+3",
            "25e-1",
            "99999999999",
            "1e400",
            "2147483647",
            "2147483648",
            "0.0",
            "-1.5e-7");
    private static final String CHARACTERS =
            "abc xyz\"\\/\b\f\n\r\t\u0001\u007fé€\u0800\uFFFF中😀\uD800\uDC00\uDFFF{}[]:,";
    private static final String GARBAGE = "{}[]\",:\\ntf0-.eu \u0000\u0001x";

    private final Random random;

    RandomRequests(Random random) {
        this.random = random;
    }

    String request(Dialect dialect) {
        var fields = new ArrayList<String>();
        add(fields, 95, "model", string());
        add(fields, 50, "stream", pick("true", "false", "null", "1"));
        add(
                fields,
                30,
                "stream_options",
                pick("null", "{}", "{\"include_usage\":true}", "{\"include_usage\":\"x\"}", "5"));
        for (var limit : List.of("max_tokens", "max_completion_tokens", "max_output_tokens")) {
            add(fields, 20, limit, chance(95) ? pick(NUMBERS) : value(2));
        }
        for (var session : List.of("user", "prompt_cache_key", "conversation", "previous_response_id")) {
            add(fields, 15, session, chance(80) ? string() : object("id", string()));
        }
        add(fields, 10, "cache_salt", chance(80) ? string() : value(2));
        add(fields, 20, "service_tier", chance(85) ? string() : value(2));
        add(fields, 20, "priority", chance(85) ? pick(NUMBERS) : value(2));
        add(fields, 15, "metadata", chance(80) ? object("user_id", string()) : value(2));
        add(fields, 25, "tools", tools());
        add(fields, 10, "functions", tools());
        switch (dialect) {
            case OPENAI_CHAT -> add(fields, 97, "messages", list(this::message));
            case ANTHROPIC_MESSAGES -> {
                add(fields, 40, "system", content());
                add(fields, 97, "messages", list(this::message));
            }
            case OPENAI_RESPONSES -> {
                add(fields, 40, "instructions", content());
                add(fields, 97, "input", chance(30) ? string() : list(() -> chance(50) ? message() : part()));
            }
            case OPENAI_COMPLETIONS -> add(fields, 97, "prompt", prompt());
            case OPENAI_EMBEDDINGS -> add(fields, 97, "input", prompt());
            case RERANK -> {
                add(fields, 80, pick("query", "queries", "text_1"), string());
                add(fields, 80, pick("documents", "text_2"), value(3));
            }
            case BY_MODEL, UPLOAD, OTHER -> {}
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            add(fields, 100, chance(30) ? "model" : "x" + random.nextInt(9), chance(30) ? string() : value(4));
        }
        Collections.shuffle(fields, random);
        return (chance(3) ? "\uFEFF" : "") + space() + joined("{", fields, "}") + space();
    }

    /** Returns the text in UTF-8, with some bytes flipped, left out, put in or cut off. */
    byte[] damaged(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 1; i--) {
            int at = random.nextInt(bytes.length);
            var damaged = new ByteArrayOutputStream();
            damaged.write(bytes, 0, at);
            switch (random.nextInt(5)) {
                case 0 -> damaged.write(bytes, at + 1, bytes.length - at - 1);
                case 1 -> {
                    damaged.write(GARBAGE.charAt(random.nextInt(GARBAGE.length())));
                    damaged.write(bytes, at, bytes.length - at);
                }
                case 2 -> {
                    damaged.write(random.nextInt(256));
                    damaged.write(bytes, at + 1, bytes.length - at - 1);
                }
                case 3 -> {
                    damaged.write(bytes[at] ^ (1 << random.nextInt(8)));
                    damaged.write(bytes, at + 1, bytes.length - at - 1);
                }
                default -> {
                    if (!chance(30)) {
                        damaged.write(bytes, at, bytes.length - at);
                    }
                }
            }
            bytes = damaged.toByteArray();
        }
        return bytes;
    }

    private String message() {
        var fields = new ArrayList<String>();
        add(fields, 98, "role", chance(98) ? quoted(pick(ROLES)) : value(1));
        add(fields, 90, "content", content());
        add(fields, 15, "type", quoted(chance(80) ? "message" : pick(TYPES)));
        add(fields, 15, "tool_calls", list(() -> object("function", call())));
        add(fields, 5, "function_call", call());
        Collections.shuffle(fields, random);
        return chance(99) ? joined("{", fields, "}") : value(1);
    }

    private String call() {
        var fields = new ArrayList<String>();
        add(fields, 97, "name", string());
        add(fields, 90, "arguments", chance(70) ? quoted(value(2)) : value(2));
        add(fields, 20, "id", string());
        return joined("{", fields, "}");
    }

    private String content() {
        return chance(40) ? string() : chance(95) ? list(this::part) : value(1);
    }

    private String part() {
        var fields = new ArrayList<String>();
        add(fields, 90, "type", chance(98) ? quoted(chance(50) ? "text" : pick(TYPES)) : value(1));
        add(fields, 93, "text", string());
        add(fields, 30, "role", quoted(pick(ROLES)));
        add(fields, 90, "name", string());
        for (var name : List.of("content", "output")) {
            add(fields, 20, name, chance(50) ? string() : "[]");
        }
        for (var name : List.of("image_url", "source", "file", "input", "arguments", "refusal", "cache_control")) {
            add(fields, 25, name, chance(50) ? string() : value(2));
        }
        var media = "\"data:image/png;base64," + random.nextInt(99) + "\"";
        add(fields, 10, pick("image_url", "source", "file"), chance(50) ? media : object(pick("url", "data"), media));
        Collections.shuffle(fields, random);
        return chance(97) ? joined("{", fields, "}") : chance(80) ? string() : value(1);
    }

    private String tools() {
        if (chance(5)) {
            return value(1);
        }
        return list(() -> {
            var fields = new ArrayList<String>();
            add(fields, 80, "name", string());
            for (var name : List.of("description", "parameters", "input_schema", "cache_control", "type")) {
                add(fields, 40, name, value(3));
            }
            String tool = joined("{", fields, "}");
            return chance(50) ? tool : object("function", tool);
        });
    }

    private String prompt() {
        return switch (random.nextInt(5)) {
            case 0 -> string();
            case 1 -> list(this::string);
            case 2 -> list(this::token);
            case 3 -> list(() -> list(this::token));
            default -> chance(50) ? list(() -> chance(50) ? string() : token()) : value(2);
        };
    }

    private String token() {
        return chance(97) ? Integer.toString(random.nextInt(200_000)) : value(1);
    }

    /** Returns any value. */
    private String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> pick("true", "false", "null");
            case 1, 2 -> pick(NUMBERS);
            case 3, 4 -> string();
            case 5 -> list(() -> value(depth - 1));
            default -> {
                var fields = new ArrayList<String>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    add(fields, 100, pick(TYPES), value(depth - 1));
                }
                yield joined("{", fields, "}");
            }
        };
    }

    private String list(Supplier<String> item) {
        var items = new ArrayList<String>();
        for (int i = random.nextInt(4); i > 0; i--) {
            items.add(item.get());
        }
        return joined("[", items, "]");
    }

    private String object(String name, String value) {
        var fields = new ArrayList<String>();
        add(fields, 95, name, value);
        return joined("{", fields, "}");
    }

    private void add(List<String> fields, int percent, String name, String value) {
        if (chance(percent)) {
            fields.add(quoted(name) + space() + ":" + space() + value);
        }
    }

    private String joined(String opening, List<String> items, String closing) {
        var text = new StringBuilder(opening).append(space());
        for (int i = 0; i < items.size(); i++) {
            text.append(i == 0 ? "" : "," + space()).append(items.get(i)).append(space());
        }
        return text.append(closing).toString();
    }

    private String string() {
        var text = new StringBuilder();
        int length = chance(5) ? random.nextInt(200) : random.nextInt(12);
        for (int i = 0; i < length; i++) {
            text.append(chance(60) ? 'a' : CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
        }
        return quoted(text.toString());
    }

    /** Returns a string, now and then with an escape where none is needed. */
    private String quoted(String text) {
        var json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
            int simple = "\"\\/\b\f\n\r\t".indexOf(c);
            if (pair && chance(50)) {
                json.append(c).append(text.charAt(++i));
            } else if (simple >= 0 && (c < ' ' || c == '"' || c == '\\' || chance(30)) && !chance(10)) {
                json.append('\\').append("\"\\/bfnrt".charAt(simple));
            } else if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c) || random.nextInt(200) == 0) {
                String hex = HexFormat.of().toHexDigits(c);
                json.append("\\u").append(chance(50) ? hex : hex.toUpperCase(Locale.ROOT));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    private String space() {
        return chance(80) ? "" : pick(" ", "\n", "\t", "\r\n", "  ");
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private String pick(String... choices) {
        return pick(Arrays.asList(choices));
    }

    private String pick(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
