package dev.warmgate.app.config;

import dev.warmgate.proxy.ProxySettings;
import dev.warmgate.proxy.RetryRules;
import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.router.quarantine.Quarantine;
import java.time.Duration;

/**
 * What the gateway refuses.
 *
 * @param maxBodyBytes longest request body
 * @param maxHeaderBytes longest request line and headers together
 * @param maxRequestsPerConnection requests that one HTTP/2 connection may have in flight
 * @param clients what all clients and what one may take; its times and exemptions are not set here
 * @param quarantine how long a request is refused under which two endpoints died; zero refuses none
 * @param retries how often other endpoints may be tried while no byte of an answer has come
 */
public record Limits(
        int maxBodyBytes,
        int maxHeaderBytes,
        int maxRequestsPerConnection,
        ClientLimits clients,
        RetryRules retries,
        Duration quarantine) {
    private static final ProxySettings PROXY = ProxySettings.defaults(Listeners.DEFAULT.http());

    /** Those of the proxy. */
    static final Limits DEFAULT = new Limits(
            PROXY.maxBodyBytes(),
            PROXY.front().maxHeaderBytes(),
            PROXY.front().maxRequestsPerConnection(),
            PROXY.front().limits(),
            PROXY.retries(),
            Quarantine.DEFAULT_TIME);
}
