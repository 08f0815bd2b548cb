package dev.warmgate.app;

import java.io.PrintStream;
import java.util.Map;

/**
 * What a command sees of its process.
 *
 * @param out for results
 * @param err for errors and progress
 * @param environment the environment variables
 */
public record Terminal(PrintStream out, PrintStream err, Map<String, String> environment) {
    public Terminal {
        environment = Map.copyOf(environment);
    }
}
