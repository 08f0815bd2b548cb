package dev.warmgate.picker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a message, names in lower case, in the order in which they came. Values become text only when they
 * are asked for. Immutable once it is read.
 */
final class Fields {
    static final Fields NONE = new Fields(new byte[0]);

    private final byte[] bytes;
    private String[] names = new String[24];

    /** For each field: where its value begins, and how long it is. */
    private int[] values = new int[48];

    private int size;

    Fields(byte[] bytes) {
        this.bytes = bytes;
    }

    void add(String name, int at, int length) {
        if (size == names.length) {
            names = Arrays.copyOf(names, size * 2);
            values = Arrays.copyOf(values, size * 4);
        }
        names[size] = name;
        values[2 * size] = at;
        values[2 * size + 1] = length;
        size++;
    }

    int size() {
        return size;
    }

    String name(int i) {
        return names[i];
    }

    String value(int i) {
        return new String(bytes, values[2 * i], values[2 * i + 1], UTF_8);
    }

    /** Returns the value of a field, the first one if it is repeated, or null. */
    @Nullable
    String get(String lowerCaseName) {
        for (int i = 0; i < size; i++) {
            if (names[i].equals(lowerCaseName)) {
                return value(i);
            }
        }
        return null;
    }
}
