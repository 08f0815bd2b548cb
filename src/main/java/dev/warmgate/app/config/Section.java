package dev.warmgate.app.config;

import dev.warmgate.app.config.Node.Mapping;
import dev.warmgate.app.text.NearestName;
import dev.warmgate.app.text.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values below one path of the tree, read by {@link Setting}. Whatever is wrong is added to the problems and
 * answered with the default, so that reading goes on.
 */
final class Section {
    /** A value of a list or of free names, and where it was written. */
    record Found<T>(T value, Origin origin, String path) {}

    private final @Nullable Mapping mapping;
    private final String path;
    private final Origin origin;
    private final Placeholders placeholders;
    private final Problems problems;
    private final Function<String, Set<String>> keys;

    /** Opens a section of the configuration and reports its unknown keys. */
    Section(@Nullable Node node, Origin parent, String path, Placeholders placeholders, Problems problems) {
        this(node, parent, path, placeholders, problems, Settings::keysBelow);
    }

    /**
     * Opens a section and reports its unknown keys.
     *
     * @param node the section's node, or null if it was not written
     * @param parent where the section would be if it was not written
     * @param path as users see it, with list positions
     * @param keys the keys allowed directly below a path whose list positions are left out
     */
    Section(
            @Nullable Node node,
            Origin parent,
            String path,
            Placeholders placeholders,
            Problems problems,
            Function<String, Set<String>> keys) {
        this.keys = keys;
        this.path = path;
        this.placeholders = placeholders;
        this.problems = problems;
        this.origin = node == null ? parent : node.origin();
        this.mapping = node instanceof Mapping present ? present : null;
        if (mapping != null) {
            reportUnknown(mapping);
        } else if (node != null) {
            var allowed = allowed();
            wrongKind(
                    node,
                    path,
                    allowed.contains(Settings.ANY) ? "names and values" : "keys " + String.join(", ", allowed));
        }
    }

    /** Returns the keys allowed directly below. Costly, so asked for only where something was written. */
    private Set<String> allowed() {
        return keys.apply(path.contains("[") ? path.replaceAll("\\[[0-9]+]", "[]") : path);
    }

    private void reportUnknown(Mapping mapping) {
        var allowed = allowed();
        if (!allowed.contains(Settings.ANY)) {
            mapping.entries().forEach((key, entry) -> {
                if (!allowed.contains(key)) {
                    String nearest = NearestName.of(key, allowed);
                    problems.add(
                            entry.key(),
                            below(key),
                            nearest != null
                                    ? "unknown key (did you mean " + nearest + "?)"
                                    : "unknown key (expected one of: " + String.join(", ", allowed) + ")");
                }
            });
        }
    }

    /** Returns whether this section was written, and as keys and values. */
    boolean written() {
        return mapping != null;
    }

    /** Returns whether a key was written; true for a section that is no keys and values, which is reported already. */
    boolean has(Setting<?> setting) {
        return mapping == null || node(setting.key()) != null;
    }

    /** Returns where this section was written. */
    Origin origin() {
        return origin;
    }

    /** Returns where a key's value was written, or where it would be. */
    Origin origin(Setting<?> setting) {
        var node = node(setting.key());
        return node == null ? origin : node.origin();
    }

    /** Returns whether a list was not written or has no elements. */
    boolean isEmptyList(String key) {
        var node = node(key);
        return node == null
                || (node instanceof Node.Sequence list && list.items().isEmpty());
    }

    /** Returns the path of this section as users see it. */
    String path() {
        return path;
    }

    /** Returns the path of a setting as users see it. */
    String path(Setting<?> setting) {
        return below(setting.key());
    }

    /** Returns the section below a key. */
    Section section(String key) {
        return new Section(node(key), origin, below(key), placeholders, problems, keys);
    }

    /** Returns the sections that are the elements of the list below a key; empty if it was not written or is no list. */
    List<Section> sections(String key, String what) {
        var sections = new ArrayList<Section>();
        var nodes = list(key, what);
        for (int i = 0; nodes != null && i < nodes.size(); i++) {
            var node = nodes.get(i);
            sections.add(new Section(node, node.origin(), below(key) + "[" + i + "]", placeholders, problems, keys));
        }
        return sections;
    }

    /** Returns the elements of the list below a key; empty if it was not written, null if it is not a list. */
    @Nullable
    List<Node> list(String key, String what) {
        var node = node(key);
        if (node == null) {
            return List.of();
        }
        if (node instanceof Node.Sequence list) {
            return list.items();
        }
        wrongKind(node, below(key), "a list of " + what);
        return null;
    }

    /** Returns a value or its default. */
    <T> T get(Setting<T> setting) {
        T value = find(setting);
        if (value != null) {
            return value;
        }
        if (setting.defaultValue() == null) {
            throw new IllegalArgumentException(setting.path() + " has no default");
        }
        return setting.defaultValue();
    }

    /** Returns a value, or null if it was not written or is wrong. */
    <T> @Nullable T find(Setting<T> setting) {
        var node = node(setting.key());
        return node == null ? null : read(node, below(setting.key()), setting.type());
    }

    /** Returns a file, or null. A relative path begins at the folder of the configuration file. */
    @Nullable
    Path file(Setting<Path> setting) {
        var path = find(setting);
        return path != null && origin(setting) instanceof Origin.Line(String file, int _)
                ? Path.of(file).resolveSibling(path)
                : path;
    }

    /** Returns a value, or null if it is wrong or was not written, which is reported too. */
    <T> @Nullable T require(Setting<T> setting) {
        if (!has(setting)) {
            problems.add(
                    origin,
                    path(setting),
                    "missing (expected: " + setting.type().expected() + ")");
        }
        return find(setting);
    }

    /** Returns the values of a list; those that are wrong are left out. */
    <T> List<T> findAll(Setting<T> setting) {
        return findEach(setting).stream().map(Found::value).toList();
    }

    /** Returns the values of a list and where each was written; those that are wrong are left out. */
    <T> List<Found<T>> findEach(Setting<T> setting) {
        String key = setting.key().substring(0, setting.key().length() - "[]".length());
        var values = new ArrayList<Found<T>>();
        var nodes = list(key, setting.type().name());
        for (int i = 0; nodes != null && i < nodes.size(); i++) {
            addFound(values, nodes.get(i), below(key) + "[" + i + "]", setting.type());
        }
        return values;
    }

    /** Returns the values of a section whose names are free, by name; those that are wrong are left out. */
    <T> Map<String, Found<T>> findEntries(Setting<T> setting) {
        var entries = new LinkedHashMap<String, Found<T>>();
        if (mapping != null) {
            mapping.entries().forEach((key, entry) -> {
                var values = new ArrayList<Found<T>>();
                addFound(values, entry.value(), below(key), setting.type());
                values.forEach(value -> entries.put(key, value));
            });
        }
        return entries;
    }

    private <T> void addFound(List<Found<T>> values, Node node, String where, ValueType<T> type) {
        T value = read(node, where, type);
        if (value != null) {
            values.add(new Found<>(value, node.origin(), where));
        }
    }

    /** Returns the value of one node, or null if it is wrong. */
    private <T> @Nullable T read(Node node, String where, ValueType<T> type) {
        if (!(node instanceof Node.Scalar scalar) || scalar.empty()) {
            wrongKind(node, where, type.expected());
            return null;
        }
        String text = placeholders.fill(scalar.text(), message -> problems.add(node.origin(), where, message));
        if (text == null) {
            return null;
        }
        T value = type.reader().read(text);
        if (value == null) {
            // What came from the environment may be a secret: only the text as written is shown.
            String filled = text.equals(scalar.text()) ? "" : " with its placeholders filled";
            String shown = type.secret() ? "value hidden" : quote(scalar.text());
            problems.add(node.origin(), where, shown + filled + " (expected: " + type.expected() + ")");
        }
        return value;
    }

    private @Nullable Node node(String key) {
        var entry = mapping == null ? null : mapping.entries().get(key);
        return entry == null ? null : entry.value();
    }

    private void wrongKind(Node node, String where, String expected) {
        String found = switch (node) {
            case Mapping _ -> "keys and values";
            case Node.Sequence _ -> "a list";
            case Node.Scalar scalar -> scalar.empty() ? "empty" : quote(scalar.text());
        };
        problems.add(node.origin(), where, found + " (expected: " + expected + ")");
    }

    /** Returns the path of a key below this section. */
    String below(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    static String quote(String text) {
        return Quoted.of(text);
    }
}
