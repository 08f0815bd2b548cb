package dev.warmgate.picker;

import dev.warmgate.door.RequestLog;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one call has booked at the endpoint that serves it. On the event loop of its {@link PickerCall}. */
final class Booking {
    private final PickerContext context;
    private final Suspicion suspicion;

    /** Null where the gateway asked somebody whom we do not know, and after {@link #settle}. */
    private @Nullable Reservation reservation;

    Booking(PickerContext context, Reservation reservation, Suspicion suspicion) {
        this.context = context;
        this.reservation = reservation;
        this.suspicion = suspicion;
        suspicion.placed(reservation.endpoint());
    }

    @Nullable
    Reservation reservation() {
        return reservation;
    }

    /** Moves to the endpoint that the gateway says it asked: a retry of its own may have gone elsewhere. */
    void believe(@Nullable String served, RequestSide request, RequestLog log) {
        var booked = reservation;
        if (booked == null || served == null || served.equals(Destinations.of(booked.endpoint()))) {
            return;
        }
        booked.endpoint().reportFailure(FailureKind.CONNECT);
        context.retried(booked, FailureKind.CONNECT);
        booked.settle(Usage.UNKNOWN);
        suspicion.left();
        reservation = null;
        log.retries++;
        if (request.servedBy(served, context.router()) instanceof RouteResult.Routed(var moved)) {
            reservation = moved;
            suspicion.placed(moved.endpoint());
            log.decision = moved.decision();
        }
    }

    /** Returns header fields that the client is told: what is left of its limits, and what its next request can say. */
    Map<String, String> tells(Map<String, String> limits) {
        if (reservation == null || reservation.tells().isEmpty()) {
            return limits;
        }
        var all = new HashMap<>(reservation.tells());
        all.putAll(limits);
        return all;
    }

    /** Tells how the endpoint did, whose whole answer has come. */
    void answered(AnswerWatch answer) {
        if (reservation == null) {
            return;
        }
        if (answer.status() < 500) {
            suspicion.survived();
        } else if (answer.brokeOff()) {
            suspicion.fell(reservation.endpoint());
        }
        if (answer.status() >= 500) {
            reservation.endpoint().reportFailure(FailureKind.STATUS_5XX);
        } else {
            reservation.endpoint().reportSuccess();
        }
    }

    /** The endpoint failed in a way that the gateway does not tell. */
    void failed(FailureKind kind) {
        if (reservation != null) {
            reservation.endpoint().reportFailure(kind);
        }
    }

    /** The gateway gave up inside a stream: its client has gone, or the endpoint has. */
    void cut() {
        if (reservation != null) {
            suspicion.fell(reservation.endpoint());
        }
    }

    /** Returns what the endpoint has done for the request, in seconds of its work; -1 if nobody knows. */
    double workSeconds(Usage usage) {
        return reservation == null ? -1 : reservation.workSeconds(usage);
    }

    /** Frees what is booked. */
    void settle(Usage usage) {
        if (reservation != null) {
            reservation.settle(usage);
            suspicion.left();
            reservation = null;
        }
    }
}
