package dev.warmgate.app.arguments;

import dev.warmgate.app.arguments.Option.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The help of commands and of the program. Lines are broken between words only. */
public final class HelpText {
    private static final int WIDTH = 80;
    private static final int PROGRAM_WIDTH = 100;

    /** Names that are longer stand on lines of their own, where they do not fit by chance. */
    private static final int WIDEST_NAME = 20;

    private static final int GAP = 3;
    private static final int CONTINUATION = 2;

    private HelpText() {}

    /** Returns the help of a command. */
    public static List<String> of(CommandSpec spec) {
        var lines = new ArrayList<String>();
        lines.addAll(synopsis(spec));
        lines.addAll(wrap(List.of(spec.description().split(" ")), "", "", WIDTH));
        lines.addAll(rows(spec));
        lines.addAll(spec.footer());
        return lines;
    }

    /** Returns the help of the program. */
    public static List<String> of(String description, List<CommandSpec> commands, List<String> footer) {
        var lines = new ArrayList<String>();
        lines.add("Usage: warmgate [-h] COMMAND");
        lines.addAll(wrap(List.of(description.split(" ")), "", "", PROGRAM_WIDTH));
        lines.add("  -h, --help   " + Option.HELP.description());
        lines.add("Commands:");
        int widest = commands.stream()
                .mapToInt(command -> command.name().length())
                .max()
                .orElse(0);
        for (var command : commands) {
            lines.addAll(wrap(
                    List.of(command.description().split(" ")),
                    pad("  " + command.name(), widest + 4),
                    " ".repeat(widest + 4 + CONTINUATION),
                    PROGRAM_WIDTH));
        }
        lines.addAll(footer);
        return lines;
    }

    private static List<String> synopsis(CommandSpec spec) {
        var words = new ArrayList<String>();
        words.add("[" + Option.SHORT_HELP + "]");
        spec.options().stream()
                .sorted(Comparator.comparingInt((Option option) -> rank(option.kind()))
                        .thenComparing(Option::name))
                .forEach(option -> words.add(inSynopsis(option)));
        if (spec.parameter() != null) {
            words.add(spec.parameter().label());
        }
        String start = "Usage: " + spec.qualifiedName() + " ";
        return wrap(words, start, " ".repeat(start.length()), WIDTH);
    }

    /** What is short first. */
    private static int rank(Kind kind) {
        return switch (kind) {
            case FLAG -> 0;
            case OPTIONAL_TEXT -> 1;
            case TEXT, WHOLE, LONG, DECIMAL -> 2;
            case REPEATED, LIST, WHOLES -> 3;
        };
    }

    private static String inSynopsis(Option option) {
        String name = withValue(option);
        return (option.required() ? name : "[" + name + "]") + (option.kind().repeats() ? "..." : "");
    }

    private static String withValue(Option option) {
        return option.name()
                + switch (option.kind()) {
                    case FLAG -> "";
                    case OPTIONAL_TEXT -> "[=" + option.label() + "]";
                    case TEXT, WHOLE, LONG, DECIMAL, REPEATED -> "=" + option.label();
                    case LIST, WHOLES -> "=" + option.label() + "[," + option.label() + "...]";
                };
    }

    /** Returns what can be given, line by line. */
    private static List<String> rows(CommandSpec spec) {
        var options = new ArrayList<>(spec.options());
        options.add(Option.HELP);
        if (spec.sorted()) {
            options.sort(Comparator.comparing(Option::name));
        }
        int widest = 0;
        for (var option : options) {
            int width = withValue(option).length();
            widest = width <= WIDEST_NAME ? Math.max(widest, width) : widest;
        }
        int column = "      ".length() + widest + GAP;
        var lines = new ArrayList<String>();
        if (spec.parameter() != null) {
            lines.addAll(
                    row("      " + spec.parameter().label(), spec.parameter().description(), column));
        }
        for (var option : options) {
            String shortName = option.isHelp() ? "  " + Option.SHORT_HELP + ", " : "      ";
            lines.addAll(row(shortName + withValue(option), option.description(), column));
        }
        return lines;
    }

    private static List<String> row(String name, String description, int column) {
        var lines = new ArrayList<String>();
        String start = pad(name, column);
        if (start.length() > column) {
            lines.add(name);
            start = " ".repeat(column);
        }
        lines.addAll(wrap(List.of(description.split(" ")), start, " ".repeat(column + CONTINUATION), WIDTH));
        return lines;
    }

    /** At least one blank follows. */
    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(1, width - text.length()));
    }

    private static List<String> wrap(List<String> words, String start, String indent, int width) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder(start);
        boolean empty = true;
        for (String word : words) {
            if (!empty && line.length() + 1 + word.length() >= width) {
                lines.add(line.toString());
                line.setLength(0);
                line.append(indent);
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
            empty = false;
        }
        lines.add(line.toString());
        return lines;
    }
}
