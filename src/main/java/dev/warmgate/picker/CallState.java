package dev.warmgate.picker;

/**
 * Where a {@link PickerCall} has got to.
 *
 * <pre>
 *   NEW ──header──▶ READING ──whole body──▶ QUEUED ──room──▶ PLACED ──answer's header──▶ ANSWERING
 *                      │        └──────────── room ────────────▲ │                            │
 *                      └── by load: no body, or not ours to read ┘                            │
 *   any state ── answer's end, refusal, cancel, close, time, mistake of the gateway's ────▶ ENDED
 * </pre>
 */
enum CallState {
    /** Nothing has come. */
    NEW,
    /** The header is there, and the body comes. */
    READING,
    /** The request waits in the router. */
    QUEUED,
    /** An endpoint is booked and told to the gateway. */
    PLACED,
    /** The answer passes. */
    ANSWERING,
    /** All is given back; what still comes is not looked at. */
    ENDED
}
