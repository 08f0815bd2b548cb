package dev.warmgate.door;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.router.quarantine.Standing;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request before the {@link Quarantine}: what is held against it, and where it is in flight meanwhile. A request whose body
 * nobody knows is never suspected. Confined to where the request is at home.
 */
public final class Suspect {
    private static final Logger LOG = LoggerFactory.getLogger(Suspect.class);

    private final Quarantine quarantine;
    private final RequestLog log;
    private boolean known;
    private long hash;

    /** Where the request is in flight, if something is held against it. */
    private @Nullable String presentAt;

    /** Creates one that is not known yet. */
    public Suspect(Quarantine quarantine, RequestLog log) {
        this.quarantine = quarantine;
        this.log = log;
    }

    /** Remembers what the request is known by. */
    public void remember(String path, byte[] body, int offset, int length) {
        if (!known && quarantine.enabled()) {
            hash = BodyHash.of(path, body, offset, length);
            known = true;
        }
    }

    /** Returns whether it is known by anything. */
    public boolean isKnown() {
        return known;
    }

    /** Returns what is held against the request. */
    public Standing standing() {
        return !known || quarantine.isEmpty() ? Standing.FREE : quarantine.standing(hash);
    }

    /** Returns where the request must not be placed. */
    public Set<String> mustAvoid() {
        return standing() == Standing.FREE ? Set.of() : quarantine.mustAvoid(hash);
    }

    /** Returns where the request should not be placed if it can be placed elsewhere. */
    public Set<String> shouldAvoid() {
        return standing() == Standing.FREE ? Set.of() : quarantine.shouldAvoid(hash);
    }

    /** The request goes to an endpoint. */
    public void placed(Endpoint at) {
        if (standing() != Standing.FREE && quarantine.comes(hash, at.name())) {
            presentAt = at.name();
        }
    }

    /** The request has left where it was. */
    public void left() {
        left(takePresence());
    }

    /** The request got a whole answer. */
    public void survived() {
        if (known && !quarantine.isEmpty()) {
            quarantine.survived(hash);
        }
    }

    /** An endpoint failed the request; it may yet turn out to have died. */
    public void fell(Endpoint at) {
        if (known) {
            quarantine.fell(hash, log.requestId(), at.name());
        }
    }

    /** Returns where the request is while it is found out what happened there, and lets it be placed elsewhere. */
    public @Nullable String takePresence() {
        var there = presentAt;
        presentAt = null;
        return there;
    }

    /** It has been found out what happened where the request was. Any thread. */
    public void left(@Nullable String there) {
        if (there != null) {
            quarantine.left(hash, there);
        }
    }

    /** An endpoint died under the request, which is known: returns what is now held against that. Any thread. */
    public Standing died(Endpoint at) {
        var standing = quarantine.died(hash, log.requestId(), at.name());
        if (standing == Standing.REFUSED) {
            LOG.warn(
                    "Endpoint {} died under request {}, as another one had before: from now on requests with this body"
                            + " (hash {}) are refused; see /admin/quarantine",
                    at.name(),
                    log.requestId(),
                    Long.toHexString(hash));
        } else {
            LOG.info(
                    "Endpoint {} died under request {} (body hash {})",
                    at.name(),
                    log.requestId(),
                    Long.toHexString(hash));
        }
        return standing;
    }
}
