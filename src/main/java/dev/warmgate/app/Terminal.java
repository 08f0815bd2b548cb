package dev.warmgate.app;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * What a command sees of its process.
 *
 * @param in what it is given to read
 * @param out for results
 * @param err for errors and progress
 * @param environment the environment variables
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {
    public Terminal {
        environment = Map.copyOf(environment);
    }
}
