package dev.warmgate.router;

/** What an active check of an endpoint found. */
public enum CheckResult {
    /** It answered well. */
    ALIVE,
    /** It answered badly or not in time. */
    SICK,
    /** It refused the connection: its process is gone. */
    REFUSED
}
