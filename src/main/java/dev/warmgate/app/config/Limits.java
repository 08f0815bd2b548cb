package dev.warmgate.app.config;

/**
 * What the gateway refuses.
 *
 * @param maxBodyBytes longest request body
 * @param maxHeaderBytes longest request line and headers together
 * @param retries further attempts, each at another endpoint, while no byte of an answer has come
 */
public record Limits(int maxBodyBytes, int maxHeaderBytes, int retries) {
    /** 64 MiB hold a million tokens of text and some large images; 32 KiB of headers is what common servers take. */
    static final Limits DEFAULT = new Limits(64 << 20, 32 << 10, 2);
}
