package dev.warmgate.proxy;

import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.Exposure;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.Usage;
import dev.warmgate.router.quarantine.Standing;
import io.netty.handler.codec.http.HttpResponse;
import java.util.concurrent.TimeUnit;

/** What becomes of one exchange's request when its endpoint fails before the answer, or in it. Confined to its event loop. */
final class Setback {
    private final Worker worker;
    private final Exchange exchange;
    private final ClientRequest request;
    private final RequestLog log;
    private final Placement placement;
    private final Suspicion suspicion;

    /** How often is looked for an endpoint where a suspect is alone. */
    private static final long LOOK_MILLIS = 50;

    /** A used connection broke under the request, and the same endpoint is asked for another. */
    private boolean reconnecting;

    private boolean streaming;

    /** The request waits until it is alone somewhere. */
    private boolean crowded;

    Setback(
            Worker worker,
            Exchange exchange,
            ClientRequest request,
            RequestLog log,
            Placement placement,
            Suspicion suspicion) {
        this.worker = worker;
        this.exchange = exchange;
        this.request = request;
        this.log = log;
        this.placement = placement;
        this.suspicion = suspicion;
    }

    /** The request may go to a first endpoint. */
    void take(Entry.Goes first) {
        if (placement.take(first)) {
            exchange.attempt();
        } else {
            waitToBeAlone();
        }
    }

    /** The answer begins: returns true if it is another one's that the client shall get, because this endpoint is full. */
    boolean passes(HttpResponse head) {
        int status = head.status().code();
        if (RequestCheck.full(status) && request.repeatable() && placement.leaveFull(status)) {
            exchange.attempt();
            return true;
        }
        // No other attempt follows, but the engine may yet die of the request.
        placement.answered();
        streaming = EngineAnswer.isStream(head);
        if (streaming || status >= 500) {
            suspicion.remember(); // while its body is there
        }
        if (status >= 500 && log.exposure == null) {
            log.exposure = Exposure.ENDPOINT_ERROR;
        }
        return false;
    }

    /** The endpoint failed inside its answer; {@code usage} is what it had counted by then. */
    void insideAnswer(FailureKind kind, Usage usage) {
        // What is not streamed begins when the engine has done its work.
        if (kind == FailureKind.RESET && streaming && suspicion.concerned()) {
            suspicion.fell(placement.reservation().endpoint(), _ -> {});
        }
        log.exposure = Exposure.INSIDE_ANSWER;
        placement.failed(kind, usage);
    }

    /** No connection could be made. */
    void connectFailed() {
        if (!reconnecting || !suspicion.concerned()) {
            placement.failed(FailureKind.CONNECT, Usage.UNKNOWN);
            goElsewhere(FailureKind.CONNECT, true);
            return;
        }
        // The endpoint broke the connection that the request was on, and takes no other.
        askWhetherItDied(FailureKind.CONNECT);
    }

    /**
     * The connection broke.
     *
     * @param stale see {@link UpstreamListener#connectionLost}
     */
    void lost(boolean stale) {
        if (stale) {
            reconnecting = true;
            exchange.connect(true);
        } else if (suspicion.concerned()) {
            askWhetherItDied(FailureKind.RESET);
        } else {
            failed(FailureKind.RESET);
        }
    }

    private void askWhetherItDied(FailureKind kind) {
        exchange.asking();
        suspicion.fell(placement.reservation().endpoint(), standing -> {
            if (exchange.isAsking() && !crowded) {
                judged(standing, kind);
            }
        });
        placement.failed(kind, Usage.UNKNOWN);
    }

    /** The endpoint does not even say whether it died; or the request is alone nowhere. */
    void unanswered() {
        if (crowded) {
            crowded = false;
            log.exposure = Exposure.NOT_ALONE;
            exchange.answer(RequestCheck.notAlone(request.path()));
        } else {
            goElsewhere(FailureKind.RESET, false);
        }
    }

    /** Looks from time to time for an endpoint where a suspect is alone, as long as a connection may take. */
    private void waitToBeAlone() {
        crowded = true;
        exchange.asking();
        lookLater();
    }

    private void lookLater() {
        var _ = worker.loop().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (!crowded || !exchange.isAsking()) {
            return;
        }
        try {
            if (suspicion.standing() == Standing.REFUSED) {
                judged(Standing.REFUSED, FailureKind.RESET);
            } else if (placement.goWhereAlone()) {
                crowded = false;
                exchange.attempt();
            } else {
                lookLater();
            }
        } catch (RuntimeException e) {
            exchange.failed(e);
        }
    }

    private void judged(Standing standing, FailureKind kind) {
        if (standing == Standing.REFUSED) {
            crowded = false;
            log.refused = Refusals.QUARANTINE;
            exchange.answer(Refusals.quarantined(request.path()));
        } else {
            goElsewhere(kind, false);
        }
    }

    /** The endpoint failed in a way that says nothing about the request. */
    void failed(FailureKind kind) {
        if (kind == FailureKind.STALL && suspicion.concerned()) {
            suspicion.remember();
            suspicion.failed(placement.reservation().endpoint());
        }
        placement.failed(kind, Usage.UNKNOWN);
        goElsewhere(kind, false);
    }

    private void goElsewhere(FailureKind kind, boolean free) {
        reconnecting = false;
        boolean mayRepeat = kind == FailureKind.CONNECT || request.repeatable();
        var nowhere = placement.goElsewhere(kind, free, mayRepeat);
        if (nowhere == null) {
            exchange.attempt();
        } else if (nowhere.why() == Exposure.NOT_ALONE) {
            waitToBeAlone();
        } else {
            log.exposure = nowhere.why();
            exchange.answer(RequestCheck.failed(kind, log.retries + 1, request.path(), nowhere.retryAfter()));
        }
    }
}
