package dev.warmgate.app.config;

import java.util.List;

/** A configuration that cannot be used, with everything that is wrong with it. */
public final class ConfigException extends Exception {
    private final List<String> problems;

    /** Creates one with a line for each problem. */
    public ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** Returns one line for each problem, in the order of the file. */
    public List<String> problems() {
        return problems;
    }
}
