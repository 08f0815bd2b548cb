package dev.warmgate.picker;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How a picker serves.
 *
 * @param listen where gateways connect with gRPC; port 0 takes a free one
 * @param health where probes ask for health too, besides {@code listen}; or null
 * @param tls what gateways must speak on {@code listen}; probes on {@code health} speak plain gRPC, as Kubernetes does
 * @param eventLoops threads that serve them, at least 1
 * @param maxBodyBytes largest request body, in bytes; the gateway sends bodies without asking, so this is what bounds them
 * @param timeouts how long is waited for what
 * @param fallbacks how many endpoints are named besides the chosen one, for the gateway's retries; 0 to 8. Gateways that
 *     take the destination from the header as an address understand only one
 * @param failOpen whether a request that cannot be placed goes on without a destination, to be placed by the gateway
 * @param conformance whether requests may name their endpoints, and answers who served, by the headers of the conformance
 *     suite of the Gateway API Inference Extension; for its runs only
 */
public record PickerSettings(
        InetSocketAddress listen,
        @Nullable InetSocketAddress health,
        PickerTls tls,
        int eventLoops,
        int maxBodyBytes,
        PickerTimeouts timeouts,
        int fallbacks,
        boolean failOpen,
        boolean conformance) {
    /** Most endpoints that are named besides the chosen one. */
    public static final int MOST_FALLBACKS = 8;

    public PickerSettings {
        if (eventLoops < 1) {
            throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: at least 1)");
        }
        if (maxBodyBytes < 1) {
            throw new IllegalArgumentException("maxBodyBytes: " + maxBodyBytes + " (expected: at least 1)");
        }
        if (fallbacks < 0 || fallbacks > MOST_FALLBACKS) {
            throw new IllegalArgumentException("fallbacks: " + fallbacks + " (expected: 0 to " + MOST_FALLBACKS + ")");
        }
    }

    /** Returns the settings of a picker that is told only where to listen. */
    public static PickerSettings defaults(InetSocketAddress listen) {
        return new PickerSettings(
                listen,
                null,
                new PickerTls.Off(),
                Runtime.getRuntime().availableProcessors(),
                64 << 20,
                PickerTimeouts.DEFAULT,
                0,
                false,
                false);
    }
}
