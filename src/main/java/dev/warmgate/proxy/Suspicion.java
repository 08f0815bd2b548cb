package dev.warmgate.proxy;

import dev.warmgate.door.RequestLog;
import dev.warmgate.door.Suspect;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.router.quarantine.Standing;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What one exchange's request has to do with the deaths of endpoints; see {@link Quarantine}. Only requests that are
 * understood can be suspected: of others there is no body to know them by. Confined to the exchange's event loop.
 */
final class Suspicion {
    private final Worker worker;
    private final Quarantine quarantine;
    private final ClientRequest request;
    private final Suspect suspect;

    Suspicion(Worker worker, ClientRequest request, RequestLog log) {
        this.worker = worker;
        this.quarantine = worker.router().quarantine();
        this.request = request;
        this.suspect = new Suspect(quarantine, log);
    }

    /** Returns whether deaths are of interest for this request. */
    boolean concerned() {
        return request.understood() && quarantine.enabled();
    }

    /** Remembers what the request is known by, before its body is released. */
    void remember() {
        if (!suspect.isKnown() && concerned()) {
            var body = request.body().bytes(worker.sharedArray());
            suspect.remember(request.path(), body.array(), body.arrayOffset() + body.position(), body.remaining());
        }
    }

    /** Returns what is held against the request. Its body is not looked at while nothing is held against any. */
    Standing standing() {
        if (!quarantine.isEmpty()) {
            remember();
        }
        return suspect.standing();
    }

    /** Returns where the request must not be placed. */
    Set<String> mustAvoid() {
        return standing() == Standing.FREE ? Set.of() : suspect.mustAvoid();
    }

    /** Returns where the request should not be placed if it can be placed elsewhere. */
    Set<String> shouldAvoid() {
        return standing() == Standing.FREE ? Set.of() : suspect.shouldAvoid();
    }

    /** The request goes to an endpoint. */
    void placed(Endpoint at) {
        if (standing() != Standing.FREE) {
            suspect.placed(at);
        }
    }

    /** The request has left where it was. */
    void left() {
        suspect.left();
    }

    /**
     * The endpoint broke the request's connection: asks whether it died, and tells later what is then held against the
     * request. Until then the request counts as being there.
     */
    void fell(Endpoint at, Consumer<Standing> verdict) {
        remember();
        var there = suspect.takePresence();
        EndpointProbe.ask(worker, at, dead -> {
            var standing = dead ? suspect.died(at) : suspect.standing();
            if (!dead) {
                suspect.fell(at);
            }
            suspect.left(there);
            verdict.accept(standing);
        });
    }

    /** The endpoint failed the request in an answer, or by giving none; it may yet turn out to have died. */
    void failed(Endpoint at) {
        suspect.fell(at);
    }

    /** The request got a whole answer. */
    void survived() {
        suspect.survived();
    }
}
