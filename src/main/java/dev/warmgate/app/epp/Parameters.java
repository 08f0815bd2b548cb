package dev.warmgate.app.epp;

import dev.warmgate.app.text.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a plugin, read as Go's {@code encoding/json} does with unknown fields disallowed: names match in any
 * case, of several the last counts, {@code null} and what is not there leave the default, an explicit 0 or "" does not.
 *
 * <p>Each getter makes its name known; {@link #end} reports the names that nobody asked for. Confined to one thread.
 */
final class Parameters {
    private final List<Tree.Field> fields;
    private final int line;
    private final String path;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();
    private final List<Parameters> inner = new ArrayList<>();

    /**
     * Opens parameters.
     *
     * @param tree what was written, or null for nothing
     * @param line where they would be if they are not there
     */
    Parameters(@Nullable Tree tree, int line, String path, Problems problems) {
        this.path = path;
        this.problems = problems;
        this.line = tree == null ? line : tree.line();
        this.fields = switch (tree) {
            case null -> List.of();
            case Tree.Null _ -> List.of();
            case Tree.Fields object -> object.fields();
            case Tree other -> {
                problems.add(other.line(), path, Kinds.shown(other) + " (expected: an object)");
                yield List.of();
            }
        };
    }

    /** Reports fields that nobody asked for, here and within. */
    void end() {
        for (var field : fields) {
            if (known.stream().noneMatch(field.name()::equalsIgnoreCase)) {
                String nearest = NearestName.of(field.name(), known);
                String hint = known.isEmpty()
                        ? "expected: none"
                        : nearest == null
                                ? "expected one of: " + String.join(", ", known)
                                : "did you mean " + nearest + "?";
                problems.add(field.line(), below(field.name()), "unknown parameter (" + hint + ")");
            }
        }
        inner.forEach(Parameters::end);
    }

    /** Returns whether a parameter was written. */
    boolean has(String name) {
        return last(name) != null;
    }

    /** Adds a problem with a parameter's value. */
    void problem(String name, String message) {
        problems.add(line(name), below(name), message);
    }

    /** Adds a problem with a parameter's value, which it shows. */
    void unexpected(String name, String expected) {
        var value = last(name);
        problem(name, (value == null ? "missing" : Kinds.shown(value)) + " (expected: " + expected + ")");
    }

    /** Returns where a parameter's value is, or would be; a dot leads into objects. */
    int line(String name) {
        int dot = name.indexOf('.');
        var value = last(dot < 0 ? name : name.substring(0, dot));
        if (value == null) {
            return line;
        }
        return dot < 0 || !(value instanceof Tree.Fields)
                ? value.line()
                : new Parameters(value, line, path, problems).line(name.substring(dot + 1));
    }

    String path() {
        return path;
    }

    private String below(String name) {
        return path + "." + name;
    }

    private @Nullable Tree last(String name) {
        Tree found = null;
        for (var field : fields) {
            if (field.name().equalsIgnoreCase(name) && !(field.value() instanceof Tree.Null)) {
                found = field.value();
            }
        }
        return found;
    }

    /** Returns the value of a parameter, or null if it is not there or wrong, which is reported. */
    <T> @Nullable T find(String name, String expected, Function<Tree, @Nullable T> reader) {
        known.add(name);
        var tree = last(name);
        if (tree == null) {
            return null;
        }
        T value = reader.apply(tree);
        if (value == null) {
            unexpected(name, expected);
        }
        return value;
    }

    private <T> T get(String name, String expected, T otherwise, Function<Tree, @Nullable T> reader) {
        T value = find(name, expected, reader);
        return value == null ? otherwise : value;
    }

    boolean bool(String name, boolean otherwise) {
        return get(name, "true or false", otherwise, tree -> tree instanceof Tree.Bool bool ? bool.value() : null);
    }

    int integer(String name, int otherwise) {
        return Math.toIntExact(whole(name, otherwise, Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    long whole(String name, long otherwise) {
        return whole(name, otherwise, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private long whole(String name, long otherwise, long least, long most) {
        String expected = "a whole number" + (most == Integer.MAX_VALUE ? " below 2147483648" : "");
        return get(name, expected, otherwise, tree -> {
            Long value = tree instanceof Tree.Numeral number ? GoNumbers.whole(number) : null;
            return value != null && value >= least && value <= most ? value : null;
        });
    }

    double number(String name, double otherwise) {
        return get(name, "a number", otherwise, tree -> tree instanceof Tree.Numeral n ? GoNumbers.floating(n) : null);
    }

    String text(String name, String otherwise) {
        return get(name, "a text", otherwise, Parameters::asText);
    }

    /** Returns a text, or null if it is not there. */
    @Nullable
    String text(String name) {
        return find(name, "a text", Parameters::asText);
    }

    private static @Nullable String asText(Tree tree) {
        return tree instanceof Tree.Text text ? text.text() : null;
    }

    /** Returns a text that must be there and not be empty, or null, which is reported. */
    @Nullable
    String required(String name, String expected) {
        String text = find(name, expected, Parameters::asText);
        if (!has(name) || (text != null && text.isEmpty())) {
            unexpected(name, expected);
            return null;
        }
        return text;
    }

    /** Returns one of some words, or null if it is none, which is reported; what is not there is the first. */
    String choice(String name, List<String> words) {
        String expected = "one of " + String.join(", ", words);
        return get(
                name,
                expected,
                words.getFirst(),
                tree -> tree instanceof Tree.Text text && words.contains(text.text()) ? text.text() : null);
    }

    /** Returns the texts of a list. */
    List<String> texts(String name) {
        var texts = new ArrayList<String>();
        for (var item : items(name, "texts")) {
            if (item instanceof Tree.Text text) {
                texts.add(text.text());
            } else {
                problems.add(item.line(), below(name), Kinds.shown(item) + " (expected: a list of texts)");
            }
        }
        return texts;
    }

    private List<Tree> items(String name, String what) {
        return get(
                name,
                "a list of " + what,
                List.<Tree>of(),
                tree -> tree instanceof Tree.Items list ? list.items() : null);
    }

    /** Returns an object's parameters; empty ones if it is not there. */
    Parameters object(String name) {
        known.add(name);
        return opened(last(name), below(name));
    }

    /** Returns the objects of a list. */
    List<Parameters> objects(String name) {
        var objects = new ArrayList<Parameters>();
        var items = items(name, "objects");
        for (int i = 0; i < items.size(); i++) {
            objects.add(opened(items.get(i), below(name) + "[" + i + "]"));
        }
        return objects;
    }

    private Parameters opened(@Nullable Tree tree, String where) {
        var opened = new Parameters(tree, line, where, problems);
        inner.add(opened);
        return opened;
    }

    /** Returns the texts of an object whose names are free, by name. */
    Map<String, String> textsByName(String name) {
        var texts = new LinkedHashMap<String, String>();
        var object = get(
                name,
                "an object of texts",
                new Tree.Fields(line, List.of()),
                tree -> tree instanceof Tree.Fields fields ? fields : null);
        for (var field : object.fields()) {
            if (field.value() instanceof Tree.Text text) {
                texts.put(field.name(), text.text());
            } else {
                problems.add(
                        field.line(),
                        below(name) + "." + field.name(),
                        Kinds.shown(field.value()) + " (expected: a text)");
            }
        }
        return texts;
    }

    /** Accepts a parameter whose value does not matter here. */
    void ignored(String... names) {
        known.addAll(List.of(names));
    }

    /** Accepts whatever is written, as factories do that do not look. */
    void ignoreAll() {
        fields.forEach(field -> known.add(field.name()));
    }
}
