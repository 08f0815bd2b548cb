package dev.warmgate.app.epp;

import dev.warmgate.app.text.Quoted;

/** Names what was found where something else was expected. */
final class Kinds {
    private Kinds() {}

    /** Returns what a message says of a value: itself, or what it is. */
    static String shown(Tree tree) {
        return switch (tree) {
            case Tree.Text(int _, String text) -> Quoted.of(text);
            case Tree.Numeral(int _, String literal) -> literal.length() > 40 ? "a number" : literal;
            case Tree.Bool(int _, boolean value) -> String.valueOf(value);
            case Tree.Null _ -> "empty";
            case Tree.Items _ -> "a list";
            case Tree.Fields _ -> "an object";
        };
    }
}
