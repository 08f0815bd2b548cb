package dev.warmgate.app.epp;

import dev.warmgate.app.text.NearestName;
import dev.warmgate.app.text.Quoted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An object of the document itself, read as strictly as Kubernetes does: names in exact case, none unknown, none twice.
 * {@code null} counts as not there. Whatever is wrong becomes a problem, and reading goes on. Confined to one thread.
 */
final class StrictFields {
    private final Map<String, Tree> values = new HashMap<>();
    private final String path;
    private final int line;
    private final Problems problems;

    /**
     * Opens an object.
     *
     * @param tree what was found there
     * @param path where it is, or empty for the whole document
     * @param known the names it may have
     */
    StrictFields(Tree tree, String path, List<String> known, Problems problems) {
        this.path = path;
        this.line = tree.line();
        this.problems = problems;
        if (!(tree instanceof Tree.Fields object)) {
            problems.add(
                    line, path, Kinds.shown(tree) + " (expected: an object with " + String.join(", ", known) + ")");
            return;
        }
        var lines = new HashMap<String, Integer>();
        for (var field : object.fields()) {
            Integer first = lines.putIfAbsent(field.name(), field.line());
            if (first != null) {
                problems.add(
                        field.line(),
                        below(field.name()),
                        "already set in line " + first + " (expected: each field once)");
            } else if (!known.contains(field.name())) {
                problems.add(field.line(), below(field.name()), unknown(field.name(), known));
            } else if (!(field.value() instanceof Tree.Null)) {
                values.put(field.name(), field.value());
            }
        }
    }

    private static String unknown(String name, List<String> known) {
        String nearest = NearestName.of(name, known);
        return nearest == null
                ? "unknown field (expected one of: " + String.join(", ", known) + ")"
                : "unknown field (did you mean " + nearest + "?)";
    }

    int line() {
        return line;
    }

    String path() {
        return path;
    }

    String below(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Returns a field's value, or null. */
    @Nullable
    Tree get(String name) {
        return values.get(name);
    }

    /** Returns where a field's value is, or the object if there is none. */
    int line(String name) {
        var value = values.get(name);
        return value == null ? line : value.line();
    }

    /** Adds a problem with a field's value. */
    void problem(String name, String message) {
        problems.add(line(name), below(name), message);
    }

    /** Returns a text, or null if it is not there or no text. */
    @Nullable
    String text(String name, String expected) {
        return read(name, expected, tree -> tree instanceof Tree.Text text ? text.text() : null);
    }

    /** Returns a text, or null if it is no text, not there or empty, which is reported. */
    @Nullable
    String required(String name, String expected) {
        var value = values.get(name);
        if (value == null || (value instanceof Tree.Text text && text.text().isEmpty())) {
            problem(name, (value == null ? "missing" : Quoted.of("")) + " (expected: " + expected + ")");
            return null;
        }
        return text(name, expected);
    }

    boolean bool(String name, boolean otherwise) {
        Boolean value = read(name, "true or false", tree -> tree instanceof Tree.Bool bool ? bool.value() : null);
        return value == null ? otherwise : value;
    }

    double number(String name, double otherwise) {
        Double value = read(name, "a number", tree -> tree instanceof Tree.Numeral n ? GoNumbers.floating(n) : null);
        return value == null ? otherwise : value;
    }

    /** Returns a value made of a field's, or null if it is not there or none, which is reported. */
    <T> @Nullable T read(String name, String expected, Function<Tree, @Nullable T> reader) {
        var tree = values.get(name);
        if (tree == null) {
            return null;
        }
        T value = reader.apply(tree);
        if (value == null) {
            problem(name, Kinds.shown(tree) + " (expected: " + expected + ")");
        }
        return value;
    }

    /** Returns the object in a field, or null if there is none. */
    @Nullable
    StrictFields object(String name, List<String> known) {
        var value = values.get(name);
        return value == null ? null : new StrictFields(value, below(name), known, problems);
    }

    /** Returns the objects of the list in a field. */
    List<StrictFields> objects(String name, List<String> known) {
        var objects = new ArrayList<StrictFields>();
        var items = items(name, "objects with " + String.join(", ", known));
        for (int i = 0; i < items.size(); i++) {
            objects.add(new StrictFields(items.get(i), below(name) + "[" + i + "]", known, problems));
        }
        return objects;
    }

    /** Returns the values of the list in a field. */
    List<Tree> items(String name, String what) {
        return switch (values.get(name)) {
            case null -> List.of();
            case Tree.Items list -> list.items();
            case Tree other -> {
                problem(name, Kinds.shown(other) + " (expected: a list of " + what + ")");
                yield List.of();
            }
        };
    }
}
