package dev.warmgate.proxy;

import dev.warmgate.door.BodyHash;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.router.quarantine.Standing;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one exchange's request has to do with the deaths of endpoints; see {@link Quarantine}. Only requests that are
 * understood can be suspected: of others there is no body to know them by. Confined to the exchange's event loop.
 */
final class Suspicion {
    private static final Logger LOG = LoggerFactory.getLogger(Suspicion.class);

    private final Worker worker;
    private final Quarantine quarantine;
    private final ClientRequest request;
    private final RequestLog log;
    private boolean hashed;
    private long hash;

    /** Where the request is in flight, if something is held against it. */
    private @Nullable String presentAt;

    Suspicion(Worker worker, ClientRequest request, RequestLog log) {
        this.worker = worker;
        this.quarantine = worker.router().quarantine();
        this.request = request;
        this.log = log;
    }

    /** Returns whether deaths are of interest for this request. */
    boolean concerned() {
        return request.understood() && quarantine.enabled();
    }

    /** Remembers what the request is known by, before its body is released. */
    void remember() {
        if (!hashed && concerned()) {
            var body = request.body();
            hash = BodyHash.of(request.path(), body.array(), body.arrayOffset(), body.length());
            hashed = true;
        }
    }

    /** Returns what is held against the request. */
    Standing standing() {
        if (quarantine.isEmpty() || !concerned()) {
            return Standing.FREE;
        }
        remember();
        return quarantine.standing(hash);
    }

    /** Returns where the request must not be placed. */
    Set<String> mustAvoid() {
        return standing() == Standing.FREE ? Set.of() : quarantine.mustAvoid(hash);
    }

    /** Returns where the request should not be placed if it can be placed elsewhere. */
    Set<String> shouldAvoid() {
        return standing() == Standing.FREE ? Set.of() : quarantine.shouldAvoid(hash);
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

    /**
     * The endpoint broke the request's connection: asks whether it died, and tells later what is then held against the
     * request. Until then the request counts as being there.
     */
    void fell(Endpoint at, Consumer<Standing> verdict) {
        remember();
        var there = presentAt;
        presentAt = null;
        EndpointProbe.ask(worker, at, dead -> {
            var standing = dead ? died(at) : quarantine.standing(hash);
            if (!dead) {
                quarantine.fell(hash, log.requestId(), at.name());
            }
            if (there != null) {
                quarantine.left(hash, there);
            }
            verdict.accept(standing);
        });
    }

    /** The endpoint failed the request in an answer, or by giving none; it may yet turn out to have died. */
    void failed(Endpoint at) {
        if (concerned() && hashed) {
            quarantine.fell(hash, log.requestId(), at.name());
        }
    }

    /** The endpoint broke the request's connection and refuses another: returns what is now held against the request. */
    Standing died(Endpoint at) {
        remember();
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

    /** The request got a whole answer. */
    void survived() {
        if (!quarantine.isEmpty() && hashed) {
            quarantine.survived(hash);
        }
    }
}
