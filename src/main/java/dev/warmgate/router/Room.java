package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.Band;
import java.util.List;

/**
 * Which endpoints have room for requests of which band. Owned by the pool's lock.
 */
final class Room {
    /*
     * Judged by what was sent there and has not ended, never by an engine's metrics: these come late or not at all.
     *
     * An endpoint needs a little prefill to be always busy; whatever more is sent there only gives its order away. What is
     * to be decoded is bounded by the KV cache: prompts and, as far as expected, answers of all that are in flight.
     *
     * Sheddable requests leave more free while there are others: prefill of long prompts makes every step of an endpoint
     * long, so each of theirs is followed by a pause, and at some endpoints nothing is to be prefilled at any time, so that
     * who comes from above begins at once.
     */

    /** Prefill that may wait at an endpoint before one more prompt is sent there, in seconds. */
    private static final double BACKLOG_SECONDS = 0.5;

    /** The same for sheddable requests while there are others. */
    private static final double SHEDDABLE_BACKLOG_SECONDS = 0.05;

    /** Share of the KV cache that may be promised. */
    private static final double KV_SHARE = 0.95;

    private static final double SHEDDABLE_KV_SHARE = 0.85;

    /** Share of the endpoints where nothing of sheddable requests is to be prefilled. */
    private static final double HEADROOM = 0.25;

    /** Share of its time that an endpoint prefills for sheddable requests, at most. */
    private static final double SHEDDABLE_DUTY = 0.4;

    /** Requests that common engines work on at a time. */
    private static final int MOST_IN_FLIGHT = 256;

    private final List<Endpoint> endpoints;
    private final AdmissionQueue queue;

    /** By slot: when a sheddable prompt may be sent there again. */
    private final long[] pausedUntil;

    Room(List<Endpoint> endpoints, AdmissionQueue queue) {
        this.endpoints = endpoints;
        this.queue = queue;
        this.pausedUntil = new long[endpoints.size()];
    }

    /** Returns whether an endpoint has room for requests of a band. */
    boolean has(Endpoint endpoint, Band band, long now) {
        if (endpoint.inFlight() == 0) {
            return true;
        }
        boolean yields = yields(band);
        return endpoint.inFlight() < MOST_IN_FLIGHT
                && endpoint.backlogSeconds(now) <= (yields ? SHEDDABLE_BACKLOG_SECONDS : BACKLOG_SECONDS)
                && fits(endpoint, band, 0)
                && (!yields || (now - pausedUntil[endpoint.slot()] >= 0 && leavesHeadroom(endpoint)));
    }

    /** Returns whether an endpoint has KV cache left for so many tokens more; an idle one takes whatever comes. */
    boolean fits(Endpoint endpoint, Band band, double tokens) {
        double capacity = endpoint.kvCapacityTokens();
        return capacity == 0
                || endpoint.inFlight() == 0
                || endpoint.kvTokensReserved() + tokens <= capacity * (yields(band) ? SHEDDABLE_KV_SHARE : KV_SHARE);
    }

    /** Hears that a request of a band was sent to an endpoint. */
    void took(Endpoint endpoint, Band band, double prefillSeconds, long now) {
        if (yields(band)) {
            pausedUntil[endpoint.slot()] = now + (long) (prefillSeconds * PrefillQueue.SLOWDOWN / SHEDDABLE_DUTY * 1e9);
        }
    }

    /** Returns whether a band is sheddable and others are there to be served. */
    private boolean yields(Band band) {
        if (band.priority() >= 0) {
            return false;
        }
        for (var other : queue.bands()) {
            if (other == band) {
                return false;
            }
            if (other.active()) {
                return true;
            }
        }
        return false;
    }

    private boolean leavesHeadroom(Endpoint endpoint) {
        int needed = (int) (endpoints.size() * HEADROOM);
        for (var other : endpoints) {
            if (needed <= 0) {
                return true;
            }
            if (other != endpoint && other.available() && other.pendingPrefillTokens() == 0) {
                needed--;
            }
        }
        return needed <= 0;
    }
}
