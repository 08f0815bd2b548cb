package dev.warmgate.app.arguments;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command is and takes. Immutable.
 *
 * @param name as users type it after the program's
 * @param description for the help; one paragraph
 * @param parameter what must be given besides options, or null
 * @param options without the help, which every command has
 * @param sorted whether the help shows the options by name rather than in their order
 * @param footer lines after the help's options, as they are
 */
public record CommandSpec(
        String name,
        String description,
        @Nullable Parameter parameter,
        List<Option> options,
        boolean sorted,
        List<String> footer) {
    /**
     * What is given without an option's name. Immutable.
     *
     * @param label what stands for it in the help
     * @param description for the help; one paragraph
     */
    public record Parameter(String label, String description) {}

    private static final String PROGRAM = "warmgate";

    public CommandSpec {
        options = List.copyOf(options);
        footer = List.copyOf(footer);
    }

    /** Returns one that takes options only, which its help shows by name. */
    public static CommandSpec of(String name, String description, List<Option> options, String... footer) {
        return new CommandSpec(name, description, null, options, true, List.of(footer));
    }

    /** Returns how users call the command. */
    public String qualifiedName() {
        return PROGRAM + " " + name;
    }

    /** Returns the option of a name, or null if there is none. */
    @Nullable
    Option option(String name) {
        if (name.equals(Option.HELP.name()) || name.equals(Option.SHORT_HELP)) {
            return Option.HELP;
        }
        for (var option : options) {
            if (option.name().equals(name)) {
                return option;
            }
        }
        return null;
    }

    /** Returns the names of all options. */
    List<String> optionNames() {
        var names = new ArrayList<String>();
        for (var option : options) {
            names.add(option.name());
        }
        names.add(Option.HELP.name());
        return names;
    }
}
