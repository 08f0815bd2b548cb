package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.Entry;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Exposure;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import dev.warmgate.router.quarantine.Standing;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where one exchange's request is placed: the reservation and the connection it holds now, and the endpoints that
 * already failed it. Holds both or, after {@link #leave}, neither.
 */
final class Placement {
    private static final Usage NOTHING = new Usage(0, 0, 0);
    private static final Duration SOON = Duration.ofSeconds(1);

    /** Attempts that are free: a refused connection costs no engine anything, but many cost us time. */
    private static final int MOST_FREE = 8;

    /** Why a request goes to no other endpoint, and when its client may try again. */
    record Nowhere(Exposure why, Duration retryAfter) {}

    private final Worker worker;
    private final RequestLog log;
    private final Suspicion suspicion;
    private @Nullable InferenceRequest inference;
    private @Nullable Predicate<Endpoint> allowed;
    private Map<String, String> hints = Map.of();
    private Set<Endpoint> tried = Set.of();
    private @Nullable Reservation reservation;

    /** The last booking at an endpoint that failed. */
    private @Nullable Reservation failed;

    private @Nullable Upstream connection;
    /** How that endpoint failed. */
    private FailureKind failure = FailureKind.RESET;

    private boolean retrying;

    /** Further attempts after endpoints that had worked on the request, or had let it wait. */
    private int spent;

    Placement(Worker worker, RequestLog log, Suspicion suspicion) {
        this.worker = worker;
        this.log = log;
        this.suspicion = suspicion;
    }

    /**
     * Takes over a first booking, and what is to be routed again if the endpoint fails. A suspect goes where it is alone.
     *
     * @return false if it can be alone nowhere: then nothing is booked
     */
    boolean take(Entry.Goes first) {
        inference = first.inference();
        allowed = first.allowed();
        hints = first.hints();
        place(first.reservation());
        if (suspicion.standing() != Standing.SUSPECT
                || !suspicion
                        .mustAvoid()
                        .contains(first.reservation().endpoint().name())) {
            return true;
        }
        leave(NOTHING);
        if (route(suspicion.mustAvoid()) instanceof RouteResult.Routed(var booked)) {
            place(booked);
            return true;
        }
        return false;
    }

    /** Reports that the endpoint failed the request, and leaves it. */
    void failed(FailureKind kind, Usage usage) {
        var left = reservation();
        failed = left;
        left.endpoint().reportFailure(kind);
        leave(usage);
    }

    /**
     * Books another endpoint for a request that one has {@link #failed} before its answer, if it may be repeated.
     *
     * @param free whether no engine has worked for the attempt that failed, and no time was lost
     * @return null if another is booked; else why none is
     */
    @Nullable
    Nowhere goElsewhere(FailureKind kind, boolean free, boolean mayRepeat) {
        var failed = requireNonNull(this.failed, "failed");
        failure = kind;
        if (!mayRepeat) {
            return new Nowhere(Exposure.NOT_REPEATABLE, SOON);
        }
        if (free ? usedUpFree() : spent >= rules().most()) {
            return new Nowhere(Exposure.RETRIES_USED, SOON);
        }
        spent += free ? 0 : 1;
        if (kind != FailureKind.CONNECT && !takeRetry(failed)) {
            return new Nowhere(Exposure.RETRY_SHARE, SOON);
        }
        return switch (routeElsewhere(failed.endpoint())) {
            case RouteResult.Routed(var booked) -> {
                replace(failed, booked, kind);
                yield null;
            }
            case RouteResult.Unavailable none -> {
                answered();
                yield new Nowhere(keptApart() ? Exposure.NOT_ALONE : Exposure.NO_ENDPOINT, none.retryAfter());
            }
            case RouteResult.UnknownModel _, RouteResult.Queued _, RouteResult.Refused _ -> {
                answered();
                yield new Nowhere(Exposure.NO_ENDPOINT, SOON);
            }
        };
    }

    private boolean usedUpFree() {
        return rules().most() == 0 || log.retries - spent >= MOST_FREE;
    }

    private boolean keptApart() {
        return suspicion.standing() == Standing.SUSPECT
                && !suspicion.mustAvoid().isEmpty();
    }

    /** Books an endpoint for a request that found none where it is alone, if there is one now. */
    boolean goWhereAlone() {
        var before = failed;
        if (before != null && failure != FailureKind.CONNECT && !takeRetry(before)) {
            return false;
        }
        if (!(routeApart() instanceof RouteResult.Routed(var booked))) {
            answered();
            return false;
        }
        if (before == null) {
            place(booked);
        } else {
            replace(before, booked, failure);
        }
        return true;
    }

    /**
     * Leaves an endpoint that says that it is full, or not ready yet, for another one, if there is one and the rules allow
     * it; else nothing changes, and the client gets what the endpoint says.
     */
    boolean leaveFull(int status) {
        var full = reservation();
        if (spent >= rules().most()) {
            log.exposure = Exposure.RETRIES_USED;
            return false;
        }
        if (!takeRetry(full)) {
            log.exposure = Exposure.RETRY_SHARE;
            return false;
        }
        if (!(routeElsewhere(full.endpoint()) instanceof RouteResult.Routed(var booked))) {
            log.exposure = Exposure.NO_ENDPOINT;
            answered();
            return false;
        }
        if (status >= 500) {
            full.endpoint().reportFailure(FailureKind.STATUS_5XX);
        }
        spent++;
        boolean taken = retrying;
        retrying = false;
        leave(NOTHING);
        retrying = taken;
        replace(full, booked, FailureKind.BUSY);
        return true;
    }

    private RetryRules rules() {
        return worker.settings().retries();
    }

    private boolean takeRetry(Reservation failed) {
        if (!retrying) {
            retrying = worker.retries().take(endpoints(failed.decision().pool()));
        }
        return retrying;
    }

    private int endpoints(String pool) {
        return worker.router().pools().stream()
                .filter(candidate -> candidate.name().equals(pool))
                .mapToInt(candidate -> candidate.endpoints().size())
                .sum();
    }

    private RouteResult routeElsewhere(Endpoint not) {
        if (tried.isEmpty()) {
            tried = new HashSet<>();
        }
        tried.add(not);
        var apart = suspicion.shouldAvoid();
        if (!apart.isEmpty() && route(apart) instanceof RouteResult.Routed routed) {
            return routed;
        }
        return routeApart();
    }

    private RouteResult routeApart() {
        var apart = suspicion.mustAvoid();
        var result = route(apart);
        // Whoever was at one death only is not kept from its answer by others that are suspected everywhere.
        return !apart.isEmpty() && result instanceof RouteResult.Unavailable && suspicion.standing() == Standing.MARKED
                ? route(Set.of())
                : result;
    }

    private RouteResult route(Set<String> without) {
        var router = worker.router();
        var not = tried;
        if (!without.isEmpty()) {
            not = new HashSet<>(tried);
            for (var pool : router.pools()) {
                for (var endpoint : pool.endpoints()) {
                    if (without.contains(endpoint.name())) {
                        not.add(endpoint);
                    }
                }
            }
        }
        return inference == null ? router.routeByLoad(not, allowed, hints) : router.route(inference, not);
    }

    private void replace(Reservation failed, Reservation booked, FailureKind kind) {
        place(booked);
        log.retries++;
        worker.observer().retried(failed.decision().pool(), failed.endpoint().name(), kind);
    }

    /** Notes that the endpoint begins to answer: this is no further attempt any more. */
    void answered() {
        if (retrying) {
            retrying = false;
            worker.retries().giveBack();
        }
    }

    private void place(Reservation booked) {
        reservation = booked;
        log.decision = booked.decision();
        suspicion.placed(booked.endpoint());
    }

    /** Takes a connection to the booked endpoint; see {@link UpstreamPool#acquire}. */
    Upstream connect(UpstreamListener listener, boolean fresh, boolean http1) {
        String pool = reservation().decision().pool();
        connection = worker.pool().acquire(pool, reservation().endpoint(), listener, fresh || http1, http1);
        return connection;
    }

    /** Gives the connection back after an answer that is not passed on; the endpoint stays booked. */
    void releaseConnection(boolean requestSent) {
        connection().release(requestSent);
        connection = null;
    }

    boolean connected() {
        return connection != null && connection.isConnected();
    }

    Upstream connection() {
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
            suspicion.failed(endpoint);
            log.exposure = log.exposure == null ? Exposure.INSIDE_ANSWER : log.exposure;
        } else {
            endpoint.reportSuccess();
            suspicion.survived();
        }
        releaseConnection(requestSent);
        leave(answer.usage());
    }

    /** Reports that the endpoint did well, as far as it was let, and leaves it. */
    void done() {
        reservation().endpoint().reportSuccess();
        suspicion.survived();
        leave(NOTHING);
    }

    /** Closes the connection, which ends the request at the engine, and settles; does nothing if nothing is held. */
    void leave(Usage usage) {
        answered();
        suspicion.left();
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
