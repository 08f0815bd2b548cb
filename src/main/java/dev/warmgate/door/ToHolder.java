package dev.warmgate.door;

import dev.warmgate.router.Endpoint;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Allows a request only to the endpoint that keeps what it asks for; once that is gone, while the request waits or between
 * two attempts, to whom it would be allowed otherwise. Any thread.
 *
 * @param otherwise null for all
 */
record ToHolder(Endpoint holder, @Nullable Predicate<Endpoint> otherwise) implements Predicate<Endpoint> {
    @Override
    public boolean test(Endpoint endpoint) {
        return endpoint == holder || (HeldObjects.isGone(holder) && (otherwise == null || otherwise.test(endpoint)));
    }
}
