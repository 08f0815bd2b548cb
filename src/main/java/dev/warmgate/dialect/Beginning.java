package dev.warmgate.dialect;

import java.util.Arrays;

/** How a text began, up to behind the first quote of its output, and where its scanner stood then. Immutable. */
final class Beginning {
    /** The longest that is kept, in bytes. */
    static final int LONGEST = 512;

    private final byte[] text;
    private final byte[] stack;
    private final byte[] key;
    private final AnswerScanner.Type type;
    private final boolean choices;
    private final boolean choice;

    Beginning(
            byte[] bytes,
            int from,
            int to,
            byte[] stack,
            int depth,
            byte[] key,
            int keyLength,
            AnswerScanner.Type type,
            boolean choices,
            boolean choice) {
        this.text = Arrays.copyOfRange(bytes, from, to);
        this.stack = Arrays.copyOf(stack, depth);
        this.key = Arrays.copyOf(key, keyLength);
        this.type = type;
        this.choices = choices;
        this.choice = choice;
    }

    /** Returns whether a text begins so. */
    boolean begins(byte[] bytes, int from, int to) {
        int end = from + text.length;
        return end <= to && Arrays.equals(bytes, from, end, text, 0, text.length);
    }

    int length() {
        return text.length;
    }

    /** Puts the contexts of the open brackets into the scanner's own, and returns how many there are. */
    int stack(byte[] into) {
        System.arraycopy(stack, 0, into, 0, stack.length);
        return stack.length;
    }

    /** Puts the key into the scanner's own, and returns its length. */
    int key(byte[] into) {
        System.arraycopy(key, 0, into, 0, key.length);
        return key.length;
    }

    AnswerScanner.Type type() {
        return type;
    }

    boolean choices() {
        return choices;
    }

    boolean choice() {
        return choice;
    }
}
