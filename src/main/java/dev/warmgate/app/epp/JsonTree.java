package dev.warmgate.app.epp;

import java.io.StringReader;
import java.util.ArrayList;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Makes a {@link Tree} of JSON text. Used once, by one thread. */
final class JsonTree {
    private final String text;
    private long values;

    JsonTree(String text) {
        this.text = text;
    }

    /** Returns whether a text is one JSON value and nothing else. */
    static boolean wellFormed(String text) {
        try (var parser = parser(text)) {
            parser.nextToken();
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }

    /** Returns the value. */
    Tree read() throws TreeLimits.Exceeded {
        try (var parser = parser(text)) {
            return value(parser, parser.nextToken(), 1);
        }
    }

    private Tree value(JsonParser parser, JsonToken token, int depth) throws TreeLimits.Exceeded {
        int line = line(parser);
        TreeLimits.checkDepth(depth, line);
        TreeLimits.checkValues(++values, line);
        if (token == JsonToken.START_OBJECT) {
            var fields = new ArrayList<Tree.Field>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                int nameLine = line(parser);
                fields.add(new Tree.Field(nameLine, name, value(parser, parser.nextToken(), depth + 1)));
            }
            return new Tree.Fields(line, fields);
        }
        if (token == JsonToken.START_ARRAY) {
            var items = new ArrayList<Tree>();
            for (var next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                items.add(value(parser, next, depth + 1));
            }
            return new Tree.Items(line, items);
        }
        String scalar = parser.getString();
        if (token == JsonToken.VALUE_STRING) {
            return new Tree.Text(line, scalar);
        }
        if (token == JsonToken.VALUE_NULL) {
            return new Tree.Null(line);
        }
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
            return new Tree.Bool(line, token == JsonToken.VALUE_TRUE);
        }
        return new Tree.Numeral(line, scalar);
    }

    private static JsonParser parser(String text) {
        return new JsonFactory().createParser(ObjectReadContext.empty(), new StringReader(text));
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }
}
