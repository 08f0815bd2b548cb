package dev.warmgate.picker;

import dev.warmgate.door.BodyHash;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.router.quarantine.Standing;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one call's request has to do with the deaths of endpoints; see {@link Quarantine}. Only requests whose bodies are
 * read can be suspected. Guarded by the monitor of its {@link PickerCall}.
 */
final class Suspicion {
    private static final Logger LOG = LoggerFactory.getLogger(Suspicion.class);

    private final PickerContext context;
    private final Quarantine quarantine;
    private final RequestLog log;
    private boolean known;
    private long hash;

    /** Where the request is in flight, if something is held against it. */
    private @Nullable String presentAt;

    Suspicion(PickerContext context, RequestLog log) {
        this.context = context;
        this.quarantine = context.router().quarantine();
        this.log = log;
    }

    /** Remembers what the request is known by. */
    void remember(String path, byte[] body) {
        if (quarantine.enabled()) {
            hash = BodyHash.of(path, body, 0, body.length);
            known = true;
        }
    }

    /** Returns what is held against the request. */
    Standing standing() {
        return !known || quarantine.isEmpty() ? Standing.FREE : quarantine.standing(hash);
    }

    /** Returns which of the endpoints that are allowed the request may go to; null for all. */
    @Nullable
    Predicate<Endpoint> among(@Nullable Predicate<Endpoint> allowed) {
        if (standing() == Standing.FREE) {
            return allowed;
        }
        var avoided = quarantine.mustAvoid(hash);
        return endpoint -> !avoided.contains(endpoint.name()) && (allowed == null || allowed.test(endpoint));
    }

    /** The request goes to an endpoint. */
    void placed(Endpoint at) {
        if (standing() != Standing.FREE && quarantine.comes(hash, at.name())) {
            presentAt = at.name();
        }
    }

    /** The request has left where it was. */
    void left() {
        if (presentAt != null) {
            quarantine.left(hash, presentAt);
            presentAt = null;
        }
    }

    /** The request got a whole answer. */
    void survived() {
        if (known && !quarantine.isEmpty()) {
            quarantine.survived(hash);
        }
    }

    /**
     * The request's connection to its endpoint broke, as far as a gateway lets see: asks whether the endpoint died. Until
     * then the request counts as being there.
     */
    void fell(Endpoint at) {
        if (!known) {
            return;
        }
        var there = presentAt;
        presentAt = null;
        long of = hash;
        context.askWhetherDead(at, dead -> {
            if (dead) {
                var standing = quarantine.died(of, log.requestId(), at.name());
                LOG.info(
                        "Endpoint {} died under request {} (body hash {}){}",
                        at.name(),
                        log.requestId(),
                        Long.toHexString(of),
                        standing == Standing.REFUSED ? ", as another one had before: it is refused from now on" : "");
            }
            if (there != null) {
                quarantine.left(of, there);
            }
        });
    }
}
