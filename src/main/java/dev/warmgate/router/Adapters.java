package dev.warmgate.router;

import java.util.Set;

/**
 * The LoRA adapters that an engine works with at a moment.
 *
 * @param running those of requests being computed, by the names that clients ask for
 * @param waiting those of requests queued inside the engine
 * @param most how many can run at a time; 0 if unknown
 */
public record Adapters(Set<String> running, Set<String> waiting, int most) {
    public static final Adapters UNKNOWN = new Adapters(Set.of(), Set.of(), 0);

    public Adapters {
        running = Set.copyOf(running);
        waiting = Set.copyOf(waiting);
    }
}
