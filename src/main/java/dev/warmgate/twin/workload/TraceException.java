package dev.warmgate.twin.workload;

/** A trace that cannot be read; the message names file, line, field and reason. */
public final class TraceException extends Exception {
    private static final long serialVersionUID = 1L;

    TraceException(String message) {
        super(message);
    }
}
