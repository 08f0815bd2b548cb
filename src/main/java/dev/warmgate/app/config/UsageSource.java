package dev.warmgate.app.config;

/** Where the token counts of streams come from whose clients did not ask for them. */
public enum UsageSource {
    /** The engine is asked for them, and the client does not see it. */
    ASK,
    /** What passes by is counted; nothing is changed. */
    PASSIVE
}
