package dev.warmgate.picker;

import dev.warmgate.door.RequestLog;
import dev.warmgate.door.Suspect;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.router.quarantine.Standing;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one call's request has to do with the deaths of endpoints; see {@link Quarantine}. Only requests whose bodies are
 * read can be suspected. On the event loop of its {@link PickerCall}.
 */
final class Suspicion {
    private final PickerContext context;
    private final Suspect suspect;

    Suspicion(PickerContext context, RequestLog log) {
        this.context = context;
        this.suspect = new Suspect(context.router().quarantine(), log);
    }

    /** Remembers what the request is known by. */
    void remember(String path, byte[] body) {
        suspect.remember(path, body, 0, body.length);
    }

    /** Returns what is held against the request. */
    Standing standing() {
        return suspect.standing();
    }

    /** Returns which of the endpoints that are allowed the request may go to; null for all. */
    @Nullable
    Predicate<Endpoint> among(@Nullable Predicate<Endpoint> allowed) {
        var avoided = suspect.mustAvoid();
        return avoided.isEmpty()
                ? allowed
                : endpoint -> !avoided.contains(endpoint.name()) && (allowed == null || allowed.test(endpoint));
    }

    /** The request goes to an endpoint. */
    void placed(Endpoint at) {
        suspect.placed(at);
    }

    /** The request has left where it was. */
    void left() {
        suspect.left();
    }

    /** The request got a whole answer. */
    void survived() {
        suspect.survived();
    }

    /**
     * The request's connection to its endpoint broke, as far as a gateway lets see: asks whether the endpoint died. Until
     * then the request counts as being there.
     */
    void fell(Endpoint at) {
        if (!suspect.isKnown()) {
            return;
        }
        var there = suspect.takePresence();
        context.askWhetherDead(at, dead -> {
            if (dead) {
                var _ = suspect.died(at);
            }
            suspect.left(there);
        });
    }
}
