package dev.warmgate.router.admission;

/**
 * What a request is booked for when it goes.
 *
 * @param seconds the work it is expected to be, in seconds of an endpoint
 * @param prefillSeconds of this, prefill
 * @param laterSeconds of this, what its tenant and flow are charged only when it ends: a prompt is computed at once, but an
 *     answer over its whole length, so half of it is charged before and half after
 */
public record Charge(double seconds, double prefillSeconds, double laterSeconds) {
    /** Nothing was booked. */
    public static final Charge NONE = new Charge(0, 0, 0);
}
