package dev.warmgate.app.arguments;

import dev.warmgate.app.arguments.Option.Kind;
import dev.warmgate.app.text.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the words after a command's name: {@code --option value}, {@code --option=value}, {@code --flag}, and after
 * {@code --} nothing but parameters.
 */
public final class ArgumentParser {
    private static final String END_OF_OPTIONS = "--";
    private static final String DASH = "-";

    private final CommandSpec spec;
    private final List<String> words;
    private final Map<String, List<String>> given = new LinkedHashMap<>();

    /** The first word that means nothing. */
    private @Nullable UsageException unmatched;

    private boolean help;
    private int next;

    private ArgumentParser(CommandSpec spec, List<String> words) {
        this.spec = spec;
        this.words = words;
    }

    /**
     * Returns what the words say; whoever asks for help is not told what else is missing.
     *
     * @throws UsageException if they say nothing sensible
     */
    public static Arguments parse(CommandSpec spec, List<String> words) {
        return new ArgumentParser(spec, words).parse();
    }

    private Arguments parse() {
        boolean optionsEnded = false;
        while (next < words.size()) {
            String word = words.get(next++);
            if (optionsEnded || !word.startsWith(DASH)) {
                parameter(word);
            } else if (word.equals(END_OF_OPTIONS)) {
                optionsEnded = true;
            } else {
                option(word);
            }
        }
        if (!help) {
            if (unmatched != null) {
                throw unmatched;
            }
            requireAll();
        }
        return new Arguments(spec, help, given);
    }

    private void parameter(String word) {
        var parameter = spec.parameter();
        if (parameter == null || given.containsKey(parameter.label())) {
            unmatched(new UsageException("too much: " + word));
        } else {
            given.put(parameter.label(), List.of(word));
        }
    }

    private void unmatched(UsageException wrong) {
        if (unmatched == null) {
            unmatched = wrong;
        }
    }

    private void option(String word) {
        String name = name(word);
        var option = spec.option(name);
        if (option == null) {
            unmatched(UsageException.unknown("option", word, NearestName.of(name, spec.optionNames())));
            return;
        }
        String attached = name.length() == word.length() ? null : word.substring(name.length() + 1);
        if (option.isHelp() && attached == null) {
            help = true;
            return;
        }
        if (given.containsKey(option.name()) && !option.kind().repeats()) {
            throw new UsageException("option " + described(option, true) + " should be specified only once");
        }
        String value = attached == null ? following(option) : attached;
        var values = given.get(option.name());
        if (values == null) {
            values = new ArrayList<>();
            given.put(option.name(), values);
        }
        for (String piece : option.kind().takesCommas() ? value.split(",") : new String[] {value}) {
            check(option, piece);
            values.add(piece);
        }
    }

    /** Returns the value that comes with the next word. */
    private String following(Option option) {
        if (option.kind() == Kind.FLAG) {
            return "true";
        }
        String word = next < words.size() ? words.get(next) : null;
        boolean isOption = word != null && (word.equals(END_OF_OPTIONS) || spec.option(name(word)) != null);
        if (word != null && !isOption) {
            next++;
            return word;
        }
        if (option.kind() == Kind.OPTIONAL_TEXT) {
            return "";
        }
        throw new UsageException(
                word == null
                        ? "missing required parameter for option " + described(option, true)
                        : "expected parameter for option " + described(option, false) + " but found '" + word + "'");
    }

    private static void check(Option option, String value) {
        String kind = wrongKind(option.kind(), value);
        if (kind != null) {
            throw new UsageException("invalid value for option "
                    + described(option, option.kind().repeats()) + ": '" + value + "' is not " + kind);
        }
    }

    /** Returns what a value should have been, or null if it is. */
    private static @Nullable String wrongKind(Kind kind, String value) {
        String expected = "";
        try {
            switch (kind) {
                case TEXT, OPTIONAL_TEXT, REPEATED, LIST -> {}
                case FLAG -> {
                    expected = "a boolean";
                    String lower = value.toLowerCase(Locale.ROOT);
                    return lower.equals("true") || lower.equals("false") ? null : expected;
                }
                case WHOLE, WHOLES -> {
                    expected = "an int";
                    var _ = Integer.parseInt(value);
                }
                case LONG -> {
                    expected = "a long";
                    var _ = Long.parseLong(value);
                }
                case DECIMAL -> {
                    expected = "a double";
                    var _ = Double.parseDouble(value);
                }
            }
        } catch (NumberFormatException _) {
            return expected;
        }
        return null;
    }

    private void requireAll() {
        var parameter = spec.parameter();
        if (parameter != null && !given.containsKey(parameter.label())) {
            throw new UsageException("missing required parameter: '" + parameter.label() + "'");
        }
        for (var option : spec.options()) {
            if (option.required() && !given.containsKey(option.name())) {
                throw new UsageException("missing required option: '" + option.name() + "=" + option.label() + "'");
            }
        }
    }

    private static String name(String word) {
        int equals = word.indexOf('=');
        return equals < 0 ? word : word.substring(0, equals);
    }

    private static String described(Option option, boolean withLabel) {
        return "'" + option.name() + "'" + (withLabel && !option.label().isEmpty() ? " (" + option.label() + ")" : "");
    }
}
