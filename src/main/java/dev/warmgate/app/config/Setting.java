package dev.warmgate.app.config;

import org.jspecify.annotations.Nullable;

/**
 * One key that holds a single value.
 *
 * @param path for example {@code pools[].endpoints[].url}; {@code []} marks the elements of a list
 * @param type what it holds
 * @param defaultValue the value when absent, or null
 * @param defaultText the default for people: the value as written in a file, or what happens without one
 * @param meaning one sentence
 */
record Setting<T>(String path, ValueType<T> type, @Nullable T defaultValue, String defaultText, String meaning) {
    static final String REQUIRED = "required";

    static <T> Setting<T> of(String path, ValueType<T> type, T defaultValue, String meaning) {
        return new Setting<>(path, type, defaultValue, type.writer().apply(defaultValue), meaning);
    }

    static <T> Setting<T> withoutDefault(String path, ValueType<T> type, String defaultText, String meaning) {
        return new Setting<>(path, type, null, defaultText, meaning);
    }

    /** Returns the last part of the path. */
    String key() {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
