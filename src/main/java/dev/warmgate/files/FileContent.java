package dev.warmgate.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What was found when a file was read. Immutable. */
public sealed interface FileContent {
    /** Longest file that is read: far above any configuration, certificate chain or list of endpoints. */
    int MAX_BYTES = 16 << 20;

    /** The file's text. It may hold secrets: not shown by {@code toString}. */
    record Text(String text) implements FileContent {
        @Override
        public String toString() {
            return "Text[" + text.length() + " characters]";
        }
    }

    /**
     * The file could not be read.
     *
     * @param reason for people, for example {@code no such file}
     */
    record Unreadable(String reason) implements FileContent {}

    /** Reads a file of UTF-8 text, of {@link #MAX_BYTES} at most; follows links. Never throws. */
    static FileContent read(Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                return new Unreadable("longer than " + (MAX_BYTES >> 20) + " MiB");
            }
            return new Text(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (IOException e) {
            return new Unreadable(
                    switch (e) {
                        case NoSuchFileException _ -> "no such file";
                        case AccessDeniedException _ -> "permission denied";
                        case CharacterCodingException _ -> "not UTF-8 text";
                        default -> Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage());
                    });
        }
    }
}
