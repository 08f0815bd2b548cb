package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.Entry;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where one exchange's request is placed: the reservation and the connection it holds now, and the endpoints that
 * already failed it. Holds both or, after {@link #leave}, neither.
 */
final class Placement {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Worker worker;
    private final RequestLog log;
    private @Nullable InferenceRequest inference;
    private Set<Endpoint> tried = Set.of();
    private @Nullable Reservation reservation;
    private @Nullable UpstreamConnection connection;

    Placement(Worker worker, RequestLog log) {
        this.worker = worker;
        this.log = log;
    }

    /** Takes over a first booking, and what is to be routed again if the endpoint fails. */
    void take(Entry.Goes first) {
        inference = first.inference();
        place(first.reservation());
    }

    /** Reports that the endpoint failed the request, and leaves it. */
    void failed(FailureKind kind, Usage usage) {
        var left = reservation();
        left.endpoint().reportFailure(kind);
        leave(usage);
    }

    /**
     * Reports that the endpoint failed the request before its answer, leaves it, and books another one if the request may
     * be repeated.
     *
     * @return null if another is booked; else when the client may try again
     */
    @Nullable
    Duration goElsewhere(FailureKind kind, boolean mayRepeat) {
        var failed = reservation();
        failed(kind, Usage.UNKNOWN);
        if (!mayRepeat) {
            return SOON;
        }
        if (tried.isEmpty()) {
            tried = new HashSet<>();
        }
        tried.add(failed.endpoint());
        var router = worker.router();
        return switch (inference == null ? router.routeByLoad(tried) : router.route(inference, tried)) {
            case RouteResult.Routed(var booked) -> {
                place(booked);
                log.retries++;
                worker.observer()
                        .retried(failed.decision().pool(), failed.endpoint().name(), kind);
                yield null;
            }
            case RouteResult.Unavailable none -> none.retryAfter();
            case RouteResult.UnknownModel _, RouteResult.Queued _, RouteResult.Refused _ -> SOON;
        };
    }

    private void place(Reservation booked) {
        reservation = booked;
        log.decision = booked.decision();
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
        if (answer.outcome() == Outcome.ENDPOINT_ERROR) {
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
            if (worker.access().quotas().countGpuTime()) {
                log.workSeconds = Math.max(0, log.workSeconds) + reservation.workSeconds(usage);
            }
            reservation.settle(usage);
            reservation = null;
        }
    }
}
