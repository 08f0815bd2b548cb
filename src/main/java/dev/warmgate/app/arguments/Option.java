package dev.warmgate.app.arguments;

/**
 * An option of a command. Immutable.
 *
 * @param name with its dashes
 * @param label what stands for the value in the help; empty if there is none
 * @param kind what it takes
 * @param required whether the command does nothing without it
 * @param description for the help; one paragraph
 */
public record Option(String name, String label, Kind kind, boolean required, String description) {
    /** What an option takes. */
    public enum Kind {
        /** No value. */
        FLAG,
        /** One text. */
        TEXT,
        /** One text or none. */
        OPTIONAL_TEXT,
        /** One text, each time it is given. */
        REPEATED,
        /** Texts separated by commas, each time it is given. */
        LIST,
        /** An {@code int}. */
        WHOLE,
        /** A {@code long}. */
        LONG,
        /** A {@code double}. */
        DECIMAL,
        /** {@code int}s separated by commas, each time it is given. */
        WHOLES;

        boolean takesCommas() {
            return this == LIST || this == WHOLES;
        }

        boolean repeats() {
            return takesCommas() || this == REPEATED;
        }
    }

    /** Every command has it; it alone has a short name too. */
    static final Option HELP = flag("--help", "Show this help.");

    static final String SHORT_HELP = "-h";

    public Option {
        if (!name.startsWith("--") || label.isEmpty() != (kind == Kind.FLAG)) {
            throw new IllegalArgumentException(name + ", " + label);
        }
    }

    /** Whether this is {@link #HELP}: names are unique, and comparing whole records takes a while the first time. */
    boolean isHelp() {
        return name.equals(HELP.name);
    }

    public static Option flag(String name, String description) {
        return new Option(name, "", Kind.FLAG, false, description);
    }

    public static Option text(String name, String label, String description) {
        return new Option(name, label, Kind.TEXT, false, description);
    }

    public static Option required(String name, String label, String description) {
        return new Option(name, label, Kind.TEXT, true, description);
    }

    public static Option optionalText(String name, String label, String description) {
        return new Option(name, label, Kind.OPTIONAL_TEXT, false, description);
    }

    public static Option repeated(String name, String label, String description) {
        return new Option(name, label, Kind.REPEATED, false, description);
    }

    public static Option list(String name, String label, String description) {
        return new Option(name, label, Kind.LIST, false, description);
    }

    public static Option whole(String name, String label, String description) {
        return new Option(name, label, Kind.WHOLE, false, description);
    }

    public static Option longWhole(String name, String label, String description) {
        return new Option(name, label, Kind.LONG, false, description);
    }

    public static Option decimal(String name, String label, String description) {
        return new Option(name, label, Kind.DECIMAL, false, description);
    }

    public static Option wholes(String name, String label, String description) {
        return new Option(name, label, Kind.WHOLES, false, description);
    }
}
