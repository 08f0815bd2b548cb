package dev.warmgate.app.arguments;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a command was given: values that were found to be of their options' kinds. Immutable. */
public final class Arguments {
    private final CommandSpec spec;
    private final boolean help;

    /** By option's name or parameter's label, in the order given. */
    private final Map<String, List<String>> given;

    Arguments(CommandSpec spec, boolean help, Map<String, List<String>> given) {
        this.spec = spec;
        this.help = help;
        this.given = Collections.unmodifiableMap(new LinkedHashMap<>(given));
    }

    /** Returns what takes them. */
    public CommandSpec spec() {
        return spec;
    }

    /** Returns whether only the help is wanted; then nothing else may be asked for. */
    public boolean help() {
        return help;
    }

    /** Returns what was given besides options. */
    public String parameter() {
        return requireNonNull(given.get(requireNonNull(spec.parameter()).label()))
                .getFirst();
    }

    public boolean has(Option option) {
        return given.containsKey(option.name()) && !texts(option).equals(List.of("false"));
    }

    /** Returns the value, which is empty for an optional one that was left out; or null without the option. */
    public @Nullable String text(Option option) {
        var values = given.get(option.name());
        return values == null ? null : values.getFirst();
    }

    public String text(Option option, String otherwise) {
        String text = text(option);
        return text == null ? otherwise : text;
    }

    public @Nullable Path path(Option option) {
        String text = text(option);
        return text == null ? null : Path.of(text);
    }

    public Path path(Option option, Path otherwise) {
        var path = path(option);
        return path == null ? otherwise : path;
    }

    /** Returns all values; empty without the option. */
    public List<String> texts(Option option) {
        return List.copyOf(given.getOrDefault(option.name(), List.of()));
    }

    public List<String> texts(Option option, List<String> otherwise) {
        return given.containsKey(option.name()) ? texts(option) : otherwise;
    }

    public int whole(Option option, int otherwise) {
        String text = text(option);
        return text == null ? otherwise : Integer.parseInt(text);
    }

    public long longWhole(Option option, long otherwise) {
        String text = text(option);
        return text == null ? otherwise : Long.parseLong(text);
    }

    public double decimal(Option option, double otherwise) {
        String text = text(option);
        return text == null ? otherwise : Double.parseDouble(text);
    }

    public @Nullable Double decimal(Option option) {
        String text = text(option);
        return text == null ? null : Double.valueOf(text);
    }

    public List<Integer> wholes(Option option) {
        var numbers = new ArrayList<Integer>();
        for (String text : texts(option)) {
            numbers.add(Integer.valueOf(text));
        }
        return List.copyOf(numbers);
    }

    /** Returns what was given as users type it, in their order, without some options. */
    public String line(Set<Option> without) {
        var line = new StringBuilder(spec.qualifiedName());
        given.forEach((name, values) -> {
            var option = spec.option(name);
            if (option == null) {
                line.append(' ').append(values.getFirst());
            } else if (!without.contains(option)) {
                line.append(' ').append(name);
                if (option.kind() != Option.Kind.FLAG) {
                    line.append(' ').append(String.join(",", values));
                }
            }
        });
        return line.toString();
    }
}
