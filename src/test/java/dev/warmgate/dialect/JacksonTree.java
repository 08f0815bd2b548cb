package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The plain way to read JSON: decode the text, let Jackson do the rest, build a tree. */
final class JacksonTree {
    private static final JsonFactory JACKSON = new JsonFactory();

    /** A value; {@code raw} is its text without the white space between its tokens. */
    sealed interface Node {
        String raw();
    }

    record Text(String value, String raw) implements Node {}

    /** A number, true, false or null. */
    record Scalar(String raw) implements Node {}

    record Items(List<Node> values) implements Node {
        @Override
        public String raw() {
            return "[" + String.join(",", values.stream().map(Node::raw).toList()) + "]";
        }
    }

    record Field(String name, String rawName, Node value) {}

    record Fields(List<Field> fields) implements Node {
        /** Returns the last value of that name that there is, unless it is null. */
        @Nullable
        Node get(String name) {
            Node found = null;
            for (var field : fields) {
                found = field.name().equals(name) ? field.value() : found;
            }
            return found == null || found.raw().equals("null") ? null : found;
        }

        @Override
        public String raw() {
            return "{"
                    + String.join(
                            ",",
                            fields.stream()
                                    .map(f -> f.rawName() + ":" + f.value().raw())
                                    .toList())
                    + "}";
        }
    }

    private final String json;
    private final JsonParser parser;

    private JacksonTree(String json) {
        this.json = json;
        this.parser = JACKSON.createParser(ObjectReadContext.empty(), json);
    }

    /** Returns the tree, or nothing if the text is not exactly one JSON value in UTF-8. */
    static Optional<Node> parse(byte[] text) {
        try {
            var json = UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
            var tree = new JacksonTree(json.startsWith("\uFEFF") ? json.substring(1) : json);
            if (tree.parser.nextToken() == null) {
                return Optional.empty();
            }
            var node = tree.value();
            return tree.parser.nextToken() == null ? Optional.of(node) : Optional.empty();
        } catch (CharacterCodingException | JacksonException e) {
            return Optional.empty();
        }
    }

    private Node value() {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                var fields = new ArrayList<Field>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    String rawName = rawString();
                    parser.nextToken();
                    fields.add(new Field(replaceLoneSurrogates(name), rawName, value()));
                }
                yield new Fields(fields);
            }
            case START_ARRAY -> {
                var values = new ArrayList<Node>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    values.add(value());
                }
                yield new Items(values);
            }
            case VALUE_STRING -> {
                String value = replaceLoneSurrogates(parser.getString());
                yield new Text(value, rawString());
            }
            default -> new Scalar(parser.getString());
        };
    }

    /** Returns the string that begins at the current token, which has been read, as it is written. */
    private String rawString() {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        int end = start + 1;
        while (json.charAt(end) != '"') {
            end += json.charAt(end) == '\\' ? 2 : 1;
        }
        return json.substring(start, end + 1);
    }

    private static String replaceLoneSurrogates(String text) {
        var replaced = new StringBuilder();
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(replaced::appendCodePoint);
        return replaced.toString();
    }

    /** Drops white space outside of quotes. */
    static String minify(String json) {
        var minified = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (!quoted && " \t\r\n".indexOf(c) >= 0) {
                continue;
            }
            minified.append(c);
            if (quoted && c == '\\' && i + 1 < json.length()) {
                minified.append(json.charAt(++i));
            } else if (c == '"') {
                quoted = !quoted;
            }
        }
        return minified.toString();
    }
}
