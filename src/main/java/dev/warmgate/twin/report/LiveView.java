package dev.warmgate.twin.report;

/** Shows a comparison while it runs. */
public interface LiveView extends AutoCloseable {
    /** Shows one line that stays. */
    void say(String line);

    /** Shows the state of things; called a few times a second. */
    void show(LiveState state);

    /** Leaves the terminal as it was found; idempotent, and callable from any thread. */
    @Override
    void close();
}
