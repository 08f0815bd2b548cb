package dev.warmgate.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Recorded answers of real engines, excerpts. */
final class Resources {
    private Resources() {}

    static byte[] bytes(String name) {
        try (var in = Objects.requireNonNull(Resources.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
