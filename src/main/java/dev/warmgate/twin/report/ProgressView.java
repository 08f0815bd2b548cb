package dev.warmgate.twin.report;

import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How far runs are: on a terminal a line for each, redrawn in place; elsewhere a line now and then.
 *
 * <p>Confined to one thread. Nothing of it stays on a terminal after {@link #close}.
 */
public final class ProgressView implements AutoCloseable {
    private static final String ESC = "\u001b[";
    private static final String ERASE_TO_SCREEN_END = ESC + "J";
    private static final String ERASE_TO_LINE_END = ESC + "K";

    /** Time between two pictures on a terminal, and between two lines elsewhere. */
    private static final long PICTURE_NANOS = 100_000_000L;

    private static final long LINE_NANOS = 5_000_000_000L;
    private static final int BAR_COLUMNS = 24;

    private final PrintStream out;
    private final int columns;
    private final LongSupplier nanoTime;
    private long shownAt;
    private int drawn;

    /**
     * One run.
     *
     * @param label what it is called
     * @param done requests that have ended
     * @param total requests in all; at least 1
     * @param note what else there is to say; may be empty
     */
    public record Bar(String label, long done, long total, String note) {}

    /** Creates a view that writes lines no longer than {@code columns}, or whole ones now and then if that is 0. */
    ProgressView(PrintStream out, int columns, LongSupplier nanoTime) {
        this.out = out;
        this.columns = columns;
        this.nanoTime = nanoTime;
        this.shownAt = nanoTime.getAsLong();
    }

    /** Returns a view that suits this process and writes to {@code out}. */
    public static ProgressView of(PrintStream out) {
        boolean terminal = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .isPresent();
        return new ProgressView(out, terminal ? TerminalSize.ofTerminal().columns() : 0, System::nanoTime);
    }

    /** Shows the state of things; what comes too early is left out. */
    public void show(List<Bar> bars) {
        long now = nanoTime.getAsLong();
        if (now - shownAt < (columns > 0 ? PICTURE_NANOS : LINE_NANOS)) {
            return;
        }
        shownAt = now;
        if (columns == 0) {
            bars.stream()
                    .filter(bar -> bar.done() > 0 && bar.done() < bar.total())
                    .forEach(bar -> out.println(text(bar)));
            return;
        }
        var picture = new StringBuilder(back());
        for (var bar : bars) {
            String line = drawing(bar);
            picture.append(line, 0, Math.min(line.length(), columns - 1))
                    .append(ERASE_TO_LINE_END)
                    .append('\n');
        }
        out.print(picture);
        out.flush();
        drawn = bars.size();
    }

    @Override
    public void close() {
        if (drawn > 0) {
            out.print(back() + ERASE_TO_SCREEN_END);
            out.flush();
            drawn = 0;
        }
    }

    private String back() {
        return drawn == 0 ? "" : ESC + drawn + "F";
    }

    private static String text(Bar bar) {
        return "%s: %s of %s requests%s"
                .formatted(
                        bar.label(),
                        Format.count(bar.done()),
                        Format.count(bar.total()),
                        bar.note().isEmpty() ? "" : ", " + bar.note());
    }

    private static String drawing(Bar bar) {
        int full = Math.clamp(bar.done() * BAR_COLUMNS / Math.max(1, bar.total()), 0, BAR_COLUMNS);
        return "%-16s [%s%s] %7s of %s  %s"
                .formatted(
                        bar.label(),
                        "#".repeat(full),
                        ".".repeat(BAR_COLUMNS - full),
                        Format.count(bar.done()),
                        Format.count(bar.total()),
                        bar.note());
    }
}
