package dev.warmgate.app;

/** A command cannot do what was asked, for a reason outside the program. The message is one line for the user. */
public final class CommandFailure extends Exception {
    /** Creates a failure; the message says what failed and what to do. */
    public CommandFailure(String message) {
        super(message);
    }
}
