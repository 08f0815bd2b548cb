package dev.warmgate.twin.report;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A live view for a terminal: redrawn in place, each picture in one write so that nothing flickers.
 *
 * <p>{@link #close} may come from a shutdown hook while the picture is drawn; the lock keeps the two apart.
 */
public final class TerminalView implements LiveView {
    private static final String ESC = "\u001b[";
    private static final String HIDE_CURSOR = ESC + "?25l";
    private static final String SHOW_CURSOR = ESC + "?25h";
    private static final String ERASE_TO_LINE_END = ESC + "K";
    private static final String ERASE_TO_SCREEN_END = ESC + "J";

    /** Real time between two questions for the terminal's size. */
    private static final double SIZE_PERIOD_SECONDS = 2;

    private final PrintStream out;
    private final String title;
    private final TerminalSize.Source sizes;
    private final boolean unicode;

    private TerminalSize size;
    private double nextSizeSeconds;
    private int drawn;
    private boolean closed;

    /** Creates a view that writes to {@code out}, with {@code title} as its first line. */
    public TerminalView(PrintStream out, String title, TerminalSize.Source sizes) {
        this.out = out;
        this.title = title;
        this.sizes = sizes;
        this.size = sizes.get();
        this.unicode = out.charset().equals(StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void say(String line) {
        if (closed) {
            return;
        }
        write(back() + ERASE_TO_SCREEN_END + line + "\n");
        drawn = 0;
    }

    @Override
    public synchronized void show(LiveState state) {
        if (closed) {
            return;
        }
        if (state.elapsedSeconds() >= nextSizeSeconds) {
            size = sizes.get();
            nextSizeSeconds = state.elapsedSeconds() + SIZE_PERIOD_SECONDS;
        }
        var lines = new TerminalFrame(size.columns(), size.rows(), unicode).render(title, state);
        var picture = new StringBuilder(HIDE_CURSOR).append(back());
        for (var line : lines) {
            picture.append(line).append(ERASE_TO_LINE_END).append('\n');
        }
        write(picture.append(ERASE_TO_SCREEN_END).toString());
        drawn = lines.size();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            write(SHOW_CURSOR);
        }
    }

    /** Returns the movement to where the last picture began. */
    private String back() {
        return drawn == 0 ? "" : ESC + drawn + "F";
    }

    private void write(String text) {
        out.print(text);
        out.flush();
    }
}
