package dev.warmgate.proxy;

import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.Usage;
import dev.warmgate.router.quarantine.Standing;
import io.netty.handler.codec.http.HttpResponse;

/** What becomes of one exchange's request when its endpoint fails before the answer, or in it. Confined to its event loop. */
final class Setback {
    private final Exchange exchange;
    private final ClientRequest request;
    private final RequestLog log;
    private final Placement placement;
    private final Suspicion suspicion;

    /** A used connection broke under the request, and the same endpoint is asked for another. */
    private boolean reconnecting;

    private boolean streaming;

    Setback(Exchange exchange, ClientRequest request, RequestLog log, Placement placement, Suspicion suspicion) {
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
            exchange.answer(RequestCheck.notAlone(request.path()));
        }
    }

    /** The answer begins: no other attempt follows, but the engine may yet die of the request. */
    void none(HttpResponse head) {
        placement.answered();
        streaming = EngineAnswer.isStream(head);
        if (streaming || head.status().code() >= 500) {
            suspicion.remember(); // while its body is there
        }
    }

    /** The endpoint failed inside its answer; {@code usage} is what it had counted by then. */
    void insideAnswer(FailureKind kind, Usage usage) {
        // What is not streamed begins when the engine has done its work.
        if (kind == FailureKind.RESET && streaming && suspicion.concerned()) {
            suspicion.fell(placement.reservation().endpoint(), _ -> {});
        }
        placement.failed(kind, usage);
    }

    /** No connection could be made. */
    void connectFailed() {
        if (!reconnecting || !suspicion.concerned()) {
            failed(FailureKind.CONNECT);
            return;
        }
        // The endpoint broke the connection that the request was on, and takes no other.
        var standing = suspicion.died(placement.reservation().endpoint());
        placement.failed(FailureKind.CONNECT, Usage.UNKNOWN);
        judged(standing, FailureKind.CONNECT);
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
            exchange.asking();
            suspicion.fell(placement.reservation().endpoint(), this::asked);
            placement.failed(FailureKind.RESET, Usage.UNKNOWN);
        } else {
            failed(FailureKind.RESET);
        }
    }

    private void asked(Standing standing) {
        if (exchange.isAsking()) {
            judged(standing, FailureKind.RESET);
        }
    }

    /** The endpoint does not even say whether it died. */
    void unanswered() {
        goElsewhere(FailureKind.RESET);
    }

    private void judged(Standing standing, FailureKind kind) {
        if (standing == Standing.REFUSED) {
            log.refused = Refusals.QUARANTINE;
            exchange.answer(Refusals.quarantined(request.path()));
        } else {
            goElsewhere(kind);
        }
    }

    /** The endpoint failed in a way that says nothing about the request. */
    void failed(FailureKind kind) {
        if (kind == FailureKind.STALL && suspicion.concerned()) {
            suspicion.remember();
            suspicion.failed(placement.reservation().endpoint());
        }
        placement.failed(kind, Usage.UNKNOWN);
        goElsewhere(kind);
    }

    private void goElsewhere(FailureKind kind) {
        reconnecting = false;
        boolean mayRepeat = kind == FailureKind.CONNECT || request.repeatable();
        var retryAfter = placement.goElsewhere(kind, mayRepeat);
        if (retryAfter == null) {
            exchange.attempt();
        } else {
            exchange.answer(RequestCheck.failed(kind, log.retries + 1, request.path(), retryAfter));
        }
    }
}
