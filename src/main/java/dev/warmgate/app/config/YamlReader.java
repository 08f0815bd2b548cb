package dev.warmgate.app.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads YAML text into a tree of {@link Node}s.
 *
 * <p>Scalars keep the text as written: {@code off} stays {@code off} and {@code 010} stays {@code 010}, whatever a
 * version of YAML thinks of them. Aliases and merge keys are refused, because a line number would then no
 * longer say where a value came from; so are duplicate keys and a second document.
 */
final class YamlReader {
    private static final String ALIASES = "anchors and aliases are not supported (expected: the value itself)";

    private final String file;
    private final Problems problems;

    YamlReader(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Returns the tree, or null if the text is no YAML or empty, which is then among the problems. */
    @Nullable
    Node read(String text) {
        try (var parser = new YAMLFactory().createParser(ObjectReadContext.empty(), new StringReader(text))) {
            var first = parser.nextToken();
            if (first == null) {
                problems.add(
                        new Origin.Line(file, 0), "", "empty (expected: at least pools: [{endpoints: [http://…]}])");
                return null;
            }
            var root = node(parser, first, "");
            if (parser.nextToken() != null) {
                problems.add(origin(parser), "", "a second document begins here (expected: one document)");
            }
            return root;
        } catch (JacksonException e) {
            syntax(e);
            return null;
        }
    }

    private Node node(JsonParser parser, JsonToken token, String path) {
        var origin = origin(parser);
        if (parser.getObjectId() != null || (parser instanceof YAMLParser yaml && yaml.isCurrentAlias())) {
            problems.add(origin, path, ALIASES);
        }
        if (token == JsonToken.START_OBJECT) {
            return mapping(parser, origin, path);
        }
        if (token == JsonToken.START_ARRAY) {
            var items = new ArrayList<Node>();
            for (var next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                items.add(node(parser, next, path + "[" + items.size() + "]"));
            }
            return new Node.Sequence(origin, items);
        }
        return new Node.Scalar(origin, parser.getString(), token == JsonToken.VALUE_NULL);
    }

    private Node.Mapping mapping(JsonParser parser, Origin origin, String path) {
        var entries = new LinkedHashMap<String, Node.Mapping.Entry>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            var keyOrigin = origin(parser);
            String keyPath = path.isEmpty() ? key : path + "." + key;
            var value = node(parser, parser.nextToken(), keyPath);
            var earlier = entries.putIfAbsent(key, new Node.Mapping.Entry(keyOrigin, value));
            if (earlier != null && earlier.key() instanceof Origin.Line first) {
                problems.add(
                        keyOrigin, keyPath, "already set in line " + first.number() + " (expected: each key once)");
            }
        }
        return new Node.Mapping(origin, entries);
    }

    private Origin origin(JsonParser parser) {
        return new Origin.Line(file, parser.currentTokenLocation().getLineNr());
    }

    /** Jackson's message is several lines long and points at the last good token; its cause knows better. */
    private void syntax(JacksonException e) {
        int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        String message = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        if (e.getCause() instanceof MarkedYamlEngineException cause) {
            line = cause.getProblemMark().map(mark -> mark.getLine() + 1).orElse(line);
            message = cause.getContext() == null ? cause.getProblem() : cause.getContext() + ": " + cause.getProblem();
        }
        problems.add(new Origin.Line(file, line), "", "not valid YAML: " + message.replaceAll("\\s+", " "));
    }
}
