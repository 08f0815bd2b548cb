package dev.warmgate.app.config;

/**
 * One thing that is wrong with a configuration.
 *
 * @param origin where it was written
 * @param path the key, for example {@code pools[0].endpoints[2].url}; empty for the file as a whole
 * @param message what is wrong and what is allowed, in one line
 */
record Problem(Origin origin, String path, String message) {
    /** Returns the line that users see, for example {@code gateway.yaml:3: pools: empty (expected: a list)}. */
    @Override
    public String toString() {
        return switch (origin) {
            case Origin.Line(String file, int number) ->
                file + (number > 0 ? ":" + number : "") + ": " + (path.isEmpty() ? "" : path + ": ") + message;
            case Origin.Option(String command, String name) -> command + ": " + name + ": " + message;
        };
    }

    int line() {
        return switch (origin) {
            case Origin.Line place -> place.number();
            case Origin.Option _ -> 0;
        };
    }
}
