package dev.warmgate.app.epp;

/** What bounds a document before it is understood: nesting, and values once aliases are followed. */
final class TreeLimits {
    private static final int DEPTH = 64;
    private static final int VALUES = 100_000;

    /** A document goes beyond a limit. */
    static final class Exceeded extends Exception {
        final int line;

        Exceeded(int line, String message) {
            super(message);
            this.line = line;
        }
    }

    private TreeLimits() {}

    static void checkDepth(int depth, int line) throws Exceeded {
        if (depth > DEPTH) {
            throw new Exceeded(line, "nested deeper than " + DEPTH + " levels");
        }
    }

    static void checkValues(long values, int line) throws Exceeded {
        if (values > VALUES) {
            throw new Exceeded(line, "more than " + VALUES + " values");
        }
    }
}
