package dev.warmgate.router.profile;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import java.util.Arrays;

/**
 * Tokens in flight at each endpoint. Without estimated answers these are what the endpoint itself counts: uncached prompt
 * tokens until the first token came. With them, the prompt's and the answer's are counted here until the end. Owned by the
 * pool's lock.
 */
final class InFlightTokens {
    private final InFlightLoad load;

    /** By slot. */
    private long[] held = new long[16];

    InFlightTokens(InFlightLoad load) {
        this.load = load;
    }

    long inFlight(Endpoint endpoint) {
        if (!load.addEstimatedOutputTokens()) {
            return endpoint.pendingPrefillTokens();
        }
        return endpoint.slot() < held.length ? held[endpoint.slot()] : 0;
    }

    /** Returns what a request counts for, of whose prompt so many tokens have to be computed. */
    long of(InferenceRequest request, long uncached) {
        return load.addEstimatedOutputTokens() ? uncached + estimatedOutput(request) : uncached;
    }

    private long estimatedOutput(InferenceRequest request) {
        int input = request.prompt().tokens();
        if (input == 0) {
            return 0;
        }
        long estimate = Math.min(Math.round(input * load.outputRatio()), load.maxEstimatedOutputTokens());
        return request.maxOutputTokens() < 0 ? estimate : Math.min(estimate, request.maxOutputTokens());
    }

    void booked(Reservation reservation) {
        add(reservation, 1);
    }

    void ended(Reservation reservation) {
        add(reservation, -1);
    }

    private void add(Reservation reservation, int sign) {
        if (load.addEstimatedOutputTokens()) {
            int slot = reservation.endpoint().slot();
            if (slot >= held.length) {
                held = Arrays.copyOf(held, slot * 2);
            }
            var decision = reservation.decision();
            held[slot] += sign * of(reservation.request(), decision.promptTokens() - decision.cachedTokens());
        }
    }

    void forget(int slot) {
        if (slot < held.length) {
            held[slot] = 0;
        }
    }
}
