package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A text, or all texts that begin alike: {@code qwen3-32b}, {@code qwen3-*}, {@code *}. Letters count as written.
 *
 * @param text the text, or its beginning
 * @param prefix whether anything may follow
 */
public record TextPattern(String text, boolean prefix) {
    public TextPattern {
        requireNonNull(text, "text");
    }

    /** Returns a pattern as it is written, with {@code *} at its end only; null if it is empty or has one elsewhere. */
    public static @Nullable TextPattern parse(String written) {
        int star = written.indexOf('*');
        if (written.isBlank() || (star >= 0 && star < written.length() - 1)) {
            return null;
        }
        return star < 0 ? new TextPattern(written, false) : new TextPattern(written.substring(0, star), true);
    }

    /** Returns whether a text is meant. */
    public boolean matches(String candidate) {
        return prefix ? candidate.startsWith(text) : candidate.equals(text);
    }

    /** Returns the pattern of all texts that both mean, or null if there are none. */
    @Nullable
    TextPattern and(TextPattern other) {
        if (prefix && other.text.startsWith(text)) {
            return other;
        }
        return (other.prefix && text.startsWith(other.text)) || equals(other) ? this : null;
    }

    /** Returns the pattern as it is written. */
    @Override
    public String toString() {
        return prefix ? text + "*" : text;
    }
}
