package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where one exchange's request is placed: the reservation and the connection it holds now, and the endpoints that
 * already failed it. Holds both or, after {@link #leave}, neither.
 */
final class Placement {
    private final Worker worker;
    private final ExchangeLog log;
    private @Nullable InferenceRequest inference;
    private Set<Endpoint> tried = Set.of();
    private @Nullable Reservation reservation;
    private @Nullable UpstreamConnection connection;

    Placement(Worker worker, ExchangeLog log) {
        this.worker = worker;
        this.log = log;
    }

    /** Chooses and books an endpoint: for what was understood, or by load if nothing was. */
    RouteResult route(@Nullable InferenceRequest understood) {
        inference = understood;
        var result = book();
        log.decided(worker.nanoTime());
        return result;
    }

    /** Reports that the endpoint failed the request, and leaves it. */
    void failed(FailureKind kind, Usage usage) {
        var left = reservation();
        left.endpoint().reportFailure(kind);
        leave(usage);
    }

    /** Chooses and books another endpoint after one failed. */
    RouteResult routeElsewhere(Reservation failed, FailureKind kind) {
        if (tried.isEmpty()) {
            tried = new HashSet<>();
        }
        tried.add(failed.endpoint());
        var result = book();
        if (result instanceof RouteResult.Routed) {
            log.retries++;
            worker.observer()
                    .retried(failed.decision().pool(), failed.endpoint().name(), kind);
        }
        return result;
    }

    private RouteResult book() {
        var router = worker.router();
        var result = inference == null ? router.routeByLoad(tried) : router.route(inference, tried);
        if (result instanceof RouteResult.Routed(var booked)) {
            reservation = booked;
            log.decision = booked.decision();
        }
        return result;
    }

    /** Takes a connection to the booked endpoint; see {@link UpstreamPool#acquire}. */
    UpstreamConnection connect(UpstreamListener listener, boolean fresh) {
        connection = worker.pool().acquire(reservation().endpoint(), listener, fresh);
        return connection;
    }

    boolean connected() {
        return connection != null && connection.isConnected();
    }

    UpstreamConnection connection() {
        return requireNonNull(connection, "connection");
    }

    Reservation reservation() {
        return requireNonNull(reservation, "reservation");
    }

    /**
     * Reports how the endpoint did, gives the connection back after the whole answer, and settles. Only a whole answer is
     * a success: an engine whose worker hangs still sends headers.
     */
    void complete(EngineAnswer answer, boolean requestSent) {
        var endpoint = reservation().endpoint();
        if (answer.status() >= 500) {
            endpoint.reportFailure(FailureKind.STATUS_5XX);
        } else {
            endpoint.reportSuccess();
        }
        connection().release(requestSent);
        connection = null;
        leave(answer.usage());
    }

    /** Closes the connection, which ends the request at the engine, and settles; does nothing if nothing is held. */
    void leave(Usage usage) {
        if (connection != null) {
            connection.abort();
            connection = null;
        }
        if (reservation != null) {
            reservation.settle(usage);
            reservation = null;
        }
    }
}
