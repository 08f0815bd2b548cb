package dev.warmgate.app.config;

import dev.warmgate.proxy.ProxySettings;

/**
 * What the gateway refuses.
 *
 * @param maxBodyBytes longest request body
 * @param maxHeaderBytes longest request line and headers together
 * @param retries further attempts, each at another endpoint, while no byte of an answer has come
 */
public record Limits(int maxBodyBytes, int maxHeaderBytes, int retries) {
    private static final ProxySettings PROXY = ProxySettings.defaults(Listeners.DEFAULT.http());

    /** Those of the proxy. */
    static final Limits DEFAULT = new Limits(PROXY.maxBodyBytes(), PROXY.maxHeaderBytes(), PROXY.maxRetries());
}
