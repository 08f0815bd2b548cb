package dev.warmgate.twin.report;

import java.io.Console;
import java.io.PrintStream;
import java.util.Optional;

/** Shows a comparison while it runs. */
public interface LiveView extends AutoCloseable {
    /** Returns a view that suits this process: redrawn in place on a terminal, a line every few seconds elsewhere. */
    static LiveView of(PrintStream out, String title) {
        boolean terminal = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .isPresent();
        return terminal ? new TerminalView(out, title, TerminalSize::ofTerminal) : new PlainView(out);
    }

    /** Shows one line that stays. */
    void say(String line);

    /** Shows the state of things; called a few times a second. */
    void show(LiveState state);

    /** Leaves the terminal as it was found; idempotent, and callable from any thread. */
    @Override
    void close();
}
