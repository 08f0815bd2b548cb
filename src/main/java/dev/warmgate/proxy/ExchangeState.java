package dev.warmgate.proxy;

/**
 * Where an exchange stands.
 *
 * <pre>
 * READING ──▶ QUEUED ──▶ CONNECTING ──▶ WAITING ──▶ STREAMING ──▶ DELIVERING ──▶ ENDED
 *    │ │         │          ▲ ▲ │          │                          ▲
 *    │ └─────────┼──────────┘ └─┴──────────┤ another endpoint         │
 *    └───────────┴──────────────┴──────────┴── an answer of our own ──┘
 * </pre>
 *
 * From every state the client's leaving leads to ENDED.
 */
enum ExchangeState {
    /** The body comes in. Next: CONNECTING when routed, QUEUED when there is no room, DELIVERING when refused. */
    READING,
    /** The whole request waits for room, or for the keys to check its token with; no deadline of ours runs. Next: CONNECTING, or DELIVERING when refused. */
    QUEUED,
    /** An endpoint is booked and its connection is being made. Next: WAITING; else CONNECTING elsewhere, or DELIVERING. */
    CONNECTING,
    /** The request is sent, no answer yet. Next: STREAMING; else CONNECTING elsewhere, or DELIVERING. */
    WAITING,
    /**
     * The endpoint broke the connection before its answer, and is asked whether it died; or endpoints died under the request
     * and it waits for one where it is alone. Next: CONNECTING elsewhere, or DELIVERING.
     */
    ASKING,
    /** The answer passes. Next: DELIVERING, after its last byte or when the engine failed inside it. */
    STREAMING,
    /** Nothing is held at any endpoint; what was written leaves for the client. Next: ENDED. */
    DELIVERING,
    /** Everything is settled, released and reported. */
    ENDED;

    /** Returns whether an endpoint is booked for the request, or was and another one may be. */
    boolean isAtEndpoint() {
        return switch (this) {
            case CONNECTING, WAITING, ASKING, STREAMING -> true;
            case READING, QUEUED, DELIVERING, ENDED -> false;
        };
    }
}
