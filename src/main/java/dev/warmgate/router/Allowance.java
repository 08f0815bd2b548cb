package dev.warmgate.router;

import org.jspecify.annotations.Nullable;

/** What admission keeps about one endpoint. Owned by the pool's lock. */
final class Allowance {
    /** Requests that common engines work on at a time. */
    static final int MOST_IN_FLIGHT = 256;

    /** Requests that may be in flight there. */
    double limit = MOST_IN_FLIGHT;

    /** Answers since the last one that was too slow, or the first one, as far as that matters. */
    int inTime;

    /** Counts those that were sent there beyond the limit. */
    int stretches;

    /** When a prompt of one that yields may be sent there again. */
    long pausedUntil;

    /** When the first one that waits for it looked whether another has become cheaper. */
    long lookedAt;

    /** What others leave to one that lags behind; null without. */
    Claims.@Nullable Claim claim;
}
