package dev.warmgate.app.config;

import dev.warmgate.picker.PickerTls;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The door for gateways that ask for an endpoint; addresses are unresolved.
 *
 * @param listen where gateways connect
 * @param health where their probes ask, or null for {@code listen} only
 * @param tls what gateways must speak
 * @param fallbacks how many endpoints are named besides the chosen one
 * @param failOpen whether a request that cannot be placed is left to the gateway
 * @param conformance whether the headers of the conformance suite are heeded
 */
public record PickerConfig(
        InetSocketAddress listen,
        @Nullable InetSocketAddress health,
        PickerTls tls,
        int fallbacks,
        boolean failOpen,
        boolean conformance) {}
