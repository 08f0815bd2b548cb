package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.admission.Standing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A named service level.
 *
 * @param name unique
 * @param priority -1000 to 1000
 * @param ttft target for the time to the first token, above 0 and at most 24 h
 * @param tpot target for the time per output token, above 0 and at most 24 h
 * @param deadline how long after its arrival the whole answer is still of use, above 0 and at most 24 h
 */
public record Objective(
        String name,
        int priority,
        @Nullable Duration ttft,
        @Nullable Duration tpot,
        @Nullable Duration deadline) {
    private static final Duration LONGEST = Duration.ofHours(24);

    public Objective {
        requireNonNull(name, "name");
        Standing.requirePriority("priority", priority);
        requireTarget("ttft", ttft);
        requireTarget("tpot", tpot);
        requireTarget("deadline", deadline);
    }

    /** Returns a service level without targets. */
    public static Objective of(String name, int priority) {
        return new Objective(name, priority, null, null, null);
    }

    private static void requireTarget(String name, @Nullable Duration value) {
        if (value != null && (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: above 0, at most 24 h)");
        }
    }
}
