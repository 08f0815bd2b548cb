package dev.warmgate.app.config;

import java.time.Duration;

/**
 * How long the gateway waits.
 *
 * @param connect for an endpoint to accept a connection
 * @param firstByte for the first byte of an endpoint's answer
 * @param idle between two bytes of an endpoint's answer
 * @param requestRead for a client to send its whole request
 * @param keepAlive for a client's next request on the same connection
 * @param upstreamIdle before an unused connection to an endpoint is closed
 * @param drain for requests in flight when the gateway is told to end
 */
public record Timeouts(
        Duration connect,
        Duration firstByte,
        Duration idle,
        Duration requestRead,
        Duration keepAlive,
        Duration upstreamIdle,
        Duration drain) {
    /**
     * An answer that is not streamed sends its first byte after its last token, hence the long wait. Some servers close
     * unused connections after 5 s (llama.cpp, uvicorn), hence the short {@code upstreamIdle}.
     */
    static final Timeouts DEFAULT = new Timeouts(
            Duration.ofSeconds(2),
            Duration.ofMinutes(10),
            Duration.ofMinutes(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(75),
            Duration.ofSeconds(4),
            Duration.ofMinutes(1));
}
