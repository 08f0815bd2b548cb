package dev.warmgate.app.config;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * One key that holds a single value.
 *
 * @param path for example {@code pools[].endpoints[].url}; {@code []} marks the elements of a list
 * @param type what it holds
 * @param defaultValue the value when absent, or null
 * @param without what happens when absent, for people; or null if there is a default value
 * @param meaning one sentence
 */
record Setting<T>(
        String path,
        ValueType<T> type,
        @Nullable T defaultValue,
        @Nullable String without,
        String meaning) {
    static final String REQUIRED = "required";

    static <T> Setting<T> of(String path, ValueType<T> type, T defaultValue, String meaning) {
        return new Setting<>(path, type, defaultValue, null, meaning);
    }

    static <T> Setting<T> withoutDefault(String path, ValueType<T> type, String without, String meaning) {
        return new Setting<>(path, type, null, without, meaning);
    }

    /** Returns the default for people: the value as written in a file, or what happens without one. */
    String defaultText() {
        return defaultValue == null
                ? requireNonNull(without, path)
                : type.writer().apply(defaultValue);
    }

    /** Returns the last part of the path. */
    String key() {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
