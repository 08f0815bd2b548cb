package dev.warmgate.twin.report;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * How much a terminal shows.
 *
 * @param columns characters per line
 * @param rows lines
 */
public record TerminalSize(int columns, int rows) {
    /** What is assumed where nothing can be learned. */
    public static final TerminalSize DEFAULT = new TerminalSize(80, 24);

    private static final File TTY = new File("/dev/tty");
    private static final int STTY_MILLIS = 500;

    /** Tells the size now. */
    @FunctionalInterface
    public interface Source {
        /** Returns the size. */
        TerminalSize get();
    }

    /** Returns the size of this process's terminal, asked from {@code stty}, or the default. */
    public static TerminalSize ofTerminal() {
        try {
            var stty = new ProcessBuilder("stty", "size")
                    .redirectInput(TTY)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                if (!stty.waitFor(STTY_MILLIS, TimeUnit.MILLISECONDS)) {
                    return DEFAULT;
                }
                return parse(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            } finally {
                stty.destroy();
            }
        } catch (IOException _) {
            return DEFAULT;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return DEFAULT;
        }
    }

    /** Returns what {@code stty size} printed, rows and columns. */
    static TerminalSize parse(String text) {
        var parts = text.strip().split(" ", -1);
        try {
            int rows = Integer.parseInt(parts[0]);
            int columns = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
            return rows > 0 && columns > 0 ? new TerminalSize(columns, rows) : DEFAULT;
        } catch (NumberFormatException _) {
            return DEFAULT;
        }
    }
}
