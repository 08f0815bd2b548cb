package dev.warmgate.app.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A configuration before it is understood: a tree whose nodes know where they were written. Immutable. */
sealed interface Node {
    Origin origin();

    /**
     * A single value.
     *
     * @param text as written, placeholders included
     * @param empty nothing was written, or {@code null}
     */
    record Scalar(Origin origin, String text, boolean empty) implements Node {}

    /** A list. */
    record Sequence(Origin origin, List<Node> items) implements Node {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /** Keys and their values, in the order written. */
    record Mapping(Origin origin, SequencedMap<String, Entry> entries) implements Node {
        /** A key's origin and its value. */
        record Entry(Origin key, Node value) {}

        /** Returns this mapping with one key added or replaced. */
        Mapping with(String key, Node value) {
            var copy = new LinkedHashMap<>(entries);
            copy.put(key, new Entry(value.origin(), value));
            return new Mapping(origin, copy);
        }
    }

    /** Returns a scalar that was given as an option. */
    static Node scalar(Origin origin, String text) {
        return new Scalar(origin, text, false);
    }

    /** Returns a mapping of one key. */
    static Mapping mapping(Origin origin, Map<String, Node> values) {
        var mapping = new Mapping(origin, new LinkedHashMap<>());
        for (var value : values.entrySet()) {
            mapping = mapping.with(value.getKey(), value.getValue());
        }
        return mapping;
    }

    /** Returns a sequence of scalars that were given as an option. */
    static Sequence sequence(Origin origin, List<String> texts) {
        var items = new ArrayList<Node>();
        for (String text : texts) {
            items.add(scalar(origin, text));
        }
        return new Sequence(origin, items);
    }
}
