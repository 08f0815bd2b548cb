package dev.warmgate.engine.discovery;

import java.util.List;

/** What a source found when it looked once. Immutable. */
public sealed interface Reading {
    /**
     * A list.
     *
     * @param endpoints all that there are, which may be none
     * @param problems entries that are left out and why, in words
     */
    record Good(List<FoundEndpoint> endpoints, List<String> problems) implements Reading {
        public Good {
            endpoints = List.copyOf(endpoints);
            problems = List.copyOf(problems);
        }
    }

    /**
     * No list: whatever was known stays.
     *
     * @param reason in words
     */
    record Failed(String reason) implements Reading {}
}
