package dev.warmgate.app.epp;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file, so that users see all of it at once. Confined to the thread that reads the file. */
final class Problems {
    private record Problem(int line, String path, String message) {}

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    /**
     * Adds one.
     *
     * @param line from 1, or 0 for the file as a whole
     * @param path for example {@code plugins[2].parameters.threshold}, or empty
     */
    void add(int line, String path, String message) {
        var problem = new Problem(line, path, message);
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    boolean any() {
        return !found.isEmpty();
    }

    /** Returns the lines that users see, in the order of the file. */
    List<String> lines() {
        return found.stream()
                .sorted(Comparator.comparingInt(Problem::line))
                .map(p -> file + (p.line > 0 ? ":" + p.line : "") + ": " + (p.path.isEmpty() ? "" : p.path + ": ")
                        + p.message)
                .toList();
    }
}
