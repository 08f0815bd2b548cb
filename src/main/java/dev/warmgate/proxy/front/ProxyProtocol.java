package dev.warmgate.proxy.front;

/** Whether connections begin with the header by which a load balancer tells whose they are. */
public enum ProxyProtocol {
    /** They do not; a header is no valid HTTP. */
    OFF,
    /** All do, in version 1 or 2; others are closed. Anybody who can connect can claim any address. */
    REQUIRED
}
