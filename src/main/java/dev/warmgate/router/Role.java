package dev.warmgate.router;

/**
 * What an endpoint does in its pool. Prefill and decode on different endpoints is not orchestrated yet: endpoints that do
 * only the first part get no requests, unless the policy {@linkplain RoutingPolicy#looksAtRoles says otherwise}.
 */
public enum Role {
    BOTH,
    PREFILL,
    DECODE,
    ENCODE;

    /** Returns whether such an endpoint can answer a whole request by itself. */
    public boolean answers() {
        return this == BOTH || this == DECODE;
    }
}
