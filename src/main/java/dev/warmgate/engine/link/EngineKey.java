package dev.warmgate.engine.link;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the API key comes from with which the gateway presents itself to model servers. Never shows the key. */
public sealed interface EngineKey {
    /** Longest key, in characters. */
    int LONGEST = 4096;

    /** The key itself. */
    record Given(String key) implements EngineKey {
        public Given {
            if (!valid(key)) {
                throw new IllegalArgumentException("key: (hidden) (expected: 1 to " + LONGEST + " visible characters)");
            }
        }

        @Override
        public String toString() {
            return "(hidden)";
        }
    }

    /** A file whose first line is the key; read again when it changes. */
    record InFile(Path file) implements EngineKey {}

    /** Returns whether a text can be a key: visible ASCII characters, which cannot break out of a header field. */
    static boolean valid(String key) {
        return !key.isEmpty() && key.length() <= LONGEST && key.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** Returns the key in the text of a file, or null if there is none. */
    static @Nullable String inText(String text) {
        String key = text.strip();
        return valid(key) ? key : null;
    }
}
