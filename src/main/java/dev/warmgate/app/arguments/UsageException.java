package dev.warmgate.app.arguments;

import org.jspecify.annotations.Nullable;

/** A command was asked wrongly; the message is a sentence for the user, without the command's name. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable String suggestion;

    public UsageException(String message) {
        this(message, null);
    }

    UsageException(String message, @Nullable String suggestion) {
        super(message);
        this.suggestion = suggestion;
    }

    /** Returns the error for a word that is not known. */
    public static UsageException unknown(String what, String word, @Nullable String suggestion) {
        return new UsageException("unknown " + what + ": " + word, suggestion);
    }

    /** Returns the line for the user. */
    public String line(String command) {
        String meant = suggestion == null ? "" : "did you mean " + suggestion + "? ";
        return command + ": " + getMessage() + " (" + meant + "see " + command + " --help)";
    }
}
