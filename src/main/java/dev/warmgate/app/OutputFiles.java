package dev.warmgate.app;

import dev.warmgate.app.arguments.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files that commands write at their end, checked at their start rather than after minutes. */
final class OutputFiles {
    private static final Path STANDARD_OUTPUT = Path.of("-");

    private OutputFiles() {}

    /** Throws if {@code file}, the value of an option, cannot be written to. */
    static void require(String option, @Nullable Path file) {
        if (file == null) {
            return;
        }
        var folder = file.toAbsolutePath().getParent();
        if (folder == null
                || !Files.isWritable(folder)
                || Files.isDirectory(file)
                || (Files.exists(file) && !Files.isWritable(file))) {
            throw new UsageException(
                    option + ": \"" + file + "\" (expected: a file in a folder that can be written to)");
        }
    }

    /** Returns whether an option means the output stream instead of a file. */
    static boolean isStandardOutput(@Nullable Path file) {
        return STANDARD_OUTPUT.equals(file);
    }

    /** Writes {@code text} to a file and says so on {@code out}; does nothing without a file. */
    static void write(@Nullable Path file, String what, String text, PrintStream out) throws CommandFailure {
        if (file == null) {
            return;
        }
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + ": " + e.getMessage());
        }
        out.println(what + file);
    }
}
