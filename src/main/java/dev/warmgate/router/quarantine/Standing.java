package dev.warmgate.router.quarantine;

/** What is held against a request. */
public enum Standing {
    /** Nothing. */
    FREE,
    /** It was in flight on an endpoint that died. */
    MARKED,
    /** It was on several, each time together with others of which the same is true: one of them may be the cause. */
    SUSPECT,
    /** It was on two endpoints that died, and nobody else was on both: it is refused. */
    REFUSED
}
