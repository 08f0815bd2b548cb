package dev.warmgate.dialect;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where everything is in a valid JSON text: two ints per value, in the order of the text, and no copy of it.
 *
 * <p>A node is an index. Strings and scalars are one node; a list or object is a node at its opening bracket, its
 * children (an object's as key, value, key, value), and a node at its closing bracket. Nodes are valid until the next
 * {@link #reset}; reading through a node needs the array the text is in, which is borrowed until {@link #release}.
 *
 * <p>Size: at most 16 bytes per 3 bytes of text (lists of empty lists), 1 byte per 10 in real prompts. What exceeds
 * {@value #KEPT_INTS} ints is given back by {@link #release}. Confined to one thread.
 */
final class JsonIndex {
    /** No such node. */
    static final int NONE = -1;

    private static final int KEPT_INTS = 1 << 18;
    private static final byte[] NOTHING = {};

    private byte[] json = NOTHING;

    /**
     * At 2n: first byte. At 2n + 1: the end, exclusive, of a scalar; the closing quote of a string, inverted if the
     * string has escapes; for an opening bracket the node of its closing one.
     */
    private int[] nodes = new int[4096];

    private int count;
    private boolean spaced;

    void reset(byte[] text) {
        json = text;
        count = 0;
        spaced = false;
    }

    void release() {
        json = NOTHING;
        count = 0;
        if (nodes.length > KEPT_INTS) {
            nodes = new int[KEPT_INTS];
        }
    }

    // What the scanner writes.

    int add(int start, int end) {
        int at = count << 1;
        if (at == nodes.length) {
            nodes = Arrays.copyOf(nodes, at << 1);
        }
        nodes[at] = start;
        nodes[at + 1] = end;
        return count++;
    }

    void close(int open, int at) {
        nodes[(open << 1) + 1] = add(at, at + 1);
    }

    void sawSpace() {
        spaced = true;
    }

    // What readers ask.

    byte[] json() {
        return json;
    }

    /** Returns the first byte of the value: a bracket, a quote, t, f, n, a minus or a digit. */
    byte kind(int node) {
        return json[nodes[node << 1]];
    }

    boolean isString(int node) {
        return kind(node) == '"';
    }

    boolean isObject(int node) {
        return kind(node) == '{';
    }

    boolean isList(int node) {
        return kind(node) == '[';
    }

    /** Returns whether there is a value and it is not {@code null}. */
    boolean isPresent(int node) {
        return node != NONE && kind(node) != 'n';
    }

    /** Returns the node behind this value and all that is in it. */
    int next(int node) {
        byte kind = kind(node);
        return kind == '{' || kind == '[' ? nodes[(node << 1) + 1] + 1 : node + 1;
    }

    /** Returns the closing node of a list or object; its children are the nodes from {@code open + 1} up to it. */
    int close(int open) {
        return nodes[(open << 1) + 1];
    }

    /** Returns the first byte of the value; a string's is its opening quote. */
    int start(int node) {
        return nodes[node << 1];
    }

    /** Returns the byte behind the value; a string's is behind its closing quote. */
    int end(int node) {
        int end = nodes[(node << 1) + 1];
        return switch (kind(node)) {
            case '"' -> (end < 0 ? ~end : end) + 1;
            case '{', '[' -> nodes[(end << 1) + 1];
            default -> end;
        };
    }

    /** Returns whether the string has escapes. */
    boolean isEscaped(int string) {
        return nodes[(string << 1) + 1] < 0;
    }

    /** Returns whether there is white space between tokens anywhere in the text. */
    boolean isSpaced() {
        return spaced;
    }

    /** Returns the value of a key, or {@link #NONE}; of equal keys the last one counts, as in most JSON readers. */
    int get(int object, Name name) {
        int found = NONE;
        int end = close(object);
        int length = name.length();
        for (int key = object + 1; key < end; key = next(key + 1)) {
            int to = nodes[(key << 1) + 1];
            // Most names have another length; only an escaped one, whose end is inverted, may be longer than what it
            // says.
            if ((to < 0 || to - nodes[key << 1] == length + 1) && is(key, name)) {
                found = key + 1;
            }
        }
        return found;
    }

    /** Returns the value of a key, or {@link #NONE} if it is absent or null. */
    int getPresent(int object, Name name) {
        int found = get(object, name);
        return isPresent(found) ? found : NONE;
    }

    /** Returns whether a string is {@code name}. */
    boolean is(int string, Name name) {
        int from = nodes[string << 1] + 1;
        int to = nodes[(string << 1) + 1];
        return to >= 0 ? name.matches(json, from, to) : name.text().equals(string(string));
    }

    /** Returns where a value is, as in {@code messages[2].content[0].text}; empty for the whole text. */
    String path(int node) {
        var path = new StringBuilder();
        int at = 0;
        while (at != node) {
            boolean object = isObject(at);
            int position = 0;
            int child = object ? at + 2 : at + 1;
            while (next(child) <= node) {
                child = next(child) + (object ? 1 : 0);
                position++;
            }
            if (object) {
                path.append(path.isEmpty() ? "" : ".").append(string(child - 1));
            } else {
                path.append('[').append(position).append(']');
            }
            at = child;
        }
        return path.toString();
    }

    /** Returns a string decoded; a lone surrogate becomes U+FFFD. */
    String string(int string) {
        int from = start(string) + 1;
        int to = end(string) - 1;
        return isEscaped(string)
                ? JsonText.decode(json, from, to)
                : new String(json, from, to - from, StandardCharsets.UTF_8);
    }
}
