package dev.warmgate.router;

/** How an endpoint failed a request. A client's mistake is none of these. */
public enum FailureKind {
    /** No connection could be made. */
    CONNECT,
    /** The connection ended, or broke the protocol, before the answer was complete. */
    RESET,
    /** The answer did not begin, or did not go on, within the configured time. */
    STALL,
    /** The endpoint answered with a 5xx status. */
    STATUS_5XX,
    /** The endpoint answered 429 or 503 because it was full or not ready, before it began to work. */
    BUSY
}
