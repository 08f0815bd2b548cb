package dev.warmgate.app.config;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kind of scalar value: how it is read, written and described.
 *
 * @param name for the table of keys, for example {@code duration}
 * @param expected for error messages: what is allowed, with an example
 * @param secret whether values must not be shown
 * @param reader reads one text
 * @param writer writes a value as a user would; reading it again gives an equal value
 * @param schema JSON Schema keywords
 */
record ValueType<T>(
        String name,
        String expected,
        boolean secret,
        Reader<T> reader,
        Function<T, String> writer,
        Map<String, Object> schema) {
    /** Reads one text. */
    interface Reader<T> {
        /** Returns the value, or null if the text is not one. */
        @Nullable
        T read(String text);
    }
}
