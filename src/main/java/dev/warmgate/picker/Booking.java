package dev.warmgate.picker;

import dev.warmgate.door.RequestLog;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one call has booked at the endpoint that serves it. Guarded by the monitor of its {@link PickerCall}. */
final class Booking {
    private final PickerContext context;

    /** Null where the gateway asked somebody whom we do not know, and after {@link #settle}. */
    private @Nullable Reservation reservation;

    Booking(PickerContext context, Reservation reservation) {
        this.context = context;
        this.reservation = reservation;
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
        reservation = null;
        log.retries++;
        if (request.servedBy(served, context.router()) instanceof RouteResult.Routed(var moved)) {
            reservation = moved;
            log.decision = moved.decision();
        }
    }

    /** Returns header fields that the client is told, so that its next request can say them. */
    Map<String, String> tells() {
        return reservation == null ? Map.of() : reservation.tells();
    }

    /** Tells how the endpoint did, whose whole answer has come. */
    void answered(int status) {
        if (reservation == null) {
            return;
        }
        if (status >= 500) {
            reservation.endpoint().reportFailure(FailureKind.STATUS_5XX);
        } else {
            reservation.endpoint().reportSuccess();
        }
    }

    /** Frees what is booked. */
    void settle(Usage usage) {
        if (reservation != null) {
            reservation.settle(usage);
            reservation = null;
        }
    }
}
