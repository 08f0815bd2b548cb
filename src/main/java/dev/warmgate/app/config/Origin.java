package dev.warmgate.app.config;

/** Where a value was written: what an error message points at. */
sealed interface Origin {
    /**
     * A line of a file.
     *
     * @param file the file as the user named it
     * @param number from 1; 0 means the file as a whole
     */
    record Line(String file, int number) implements Origin {}

    /**
     * An option of the command line.
     *
     * @param command for example {@code warmgate serve}
     * @param name for example {@code --listen}
     */
    record Option(String command, String name) implements Origin {}
}
