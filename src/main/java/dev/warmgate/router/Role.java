package dev.warmgate.router;

/** What an endpoint does in its pool. Prefill and decode on different endpoints is not orchestrated yet. */
public enum Role {
    BOTH,
    PREFILL,
    DECODE,
    ENCODE
}
