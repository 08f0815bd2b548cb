package dev.warmgate.router;

import dev.warmgate.router.admission.Standing;
import org.jspecify.annotations.Nullable;

/**
 * Whose a request was and how it came in.
 *
 * @param standing its standing, or null if it was refused before it had one
 * @param queuedNanos how long it waited in a queue, or -1 if it did not
 * @param refusal the word for why it was refused, one of a bounded set; null if it was not
 */
public record Admittance(
        @Nullable Standing standing,
        long queuedNanos,
        @Nullable String refusal) {
    /** Nothing was decided yet. */
    public static final Admittance NONE = new Admittance(null, -1, null);
}
