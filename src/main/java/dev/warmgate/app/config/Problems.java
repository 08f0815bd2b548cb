package dev.warmgate.app.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects problems, so that users see all of them at once. Confined to the thread that reads the configuration. */
final class Problems {
    private final List<Problem> found = new ArrayList<>();

    void add(Origin origin, String path, String message) {
        found.add(new Problem(origin, path, message));
    }

    boolean any() {
        return !found.isEmpty();
    }

    void addAll(Problems others) {
        found.addAll(others.found);
    }

    /** Returns what users see, in the order found. */
    List<String> lines() {
        return found.stream().map(Problem::toString).toList();
    }

    int count() {
        return found.size();
    }

    /** Throws if there are any, in the order of the file's lines. */
    void throwIfAny() throws ConfigException {
        if (!found.isEmpty()) {
            throw new ConfigException(found.stream()
                    .sorted(Comparator.comparingInt(Problem::line))
                    .map(Problem::toString)
                    .toList());
        }
    }
}
