package dev.warmgate.app.epp;

import java.util.List;

/** A value of a document as JSON knows them, whose parts know the lines they were written in. Immutable. */
sealed interface Tree {
    /** From 1. */
    int line();

    /** A string. */
    record Text(int line, String text) implements Tree {}

    /**
     * A number.
     *
     * @param literal as JSON writes it: what Go's decoder judges
     */
    record Numeral(int line, String literal) implements Tree {}

    /** True or false. */
    record Bool(int line, boolean value) implements Tree {}

    /** Nothing, or {@code null}. */
    record Null(int line) implements Tree {}

    /** A list. */
    record Items(int line, List<Tree> items) implements Tree {
        public Items {
            items = List.copyOf(items);
        }
    }

    /** An object. The same name may be there more than once: who reads it judges. */
    record Fields(int line, List<Field> fields) implements Tree {
        public Fields {
            fields = List.copyOf(fields);
        }
    }

    /** A name and its value. */
    record Field(int line, String name, Tree value) {}
}
