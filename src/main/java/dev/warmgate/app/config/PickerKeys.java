package dev.warmgate.app.config;

import dev.warmgate.picker.PickerSettings;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The keys of the section {@code picker}, in the order of the documentation. */
final class PickerKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    static final Setting<InetSocketAddress> LISTEN = add(Setting.of(
            "picker.listen",
            ValueTypes.hostPort(),
            InetSocketAddress.createUnresolved("127.0.0.1", 9002),
            "Where gateways ask for endpoints (Envoy's ext_proc). Open if the section `picker` is there; see"
                    + " `docs/picker.md`."));
    static final Setting<InetSocketAddress> HEALTH = add(Setting.withoutDefault(
            "picker.health",
            ValueTypes.hostPort(),
            "none: on `picker.listen` only",
            "Where probes ask for health by gRPC too, such as 0.0.0.0:9003."));
    static final Setting<Boolean> SELF_SIGNED = add(Setting.of(
            "picker.tls.selfSigned",
            ValueTypes.bool(),
            false,
            "Makes gateways speak TLS with a certificate that is made at the start, and that they cannot check."));
    static final TlsKeys TLS = TlsKeys.below("picker.tls", "gateways", "none: plain gRPC");

    static {
        COLLECTED.addAll(TLS.all());
    }

    static final Setting<Long> FALLBACKS = add(Setting.of(
            "picker.fallbacks",
            ValueTypes.integer(0, PickerSettings.MOST_FALLBACKS),
            0L,
            "Endpoints that are named besides the chosen one, for the gateway's own retries. Gateways that go to the"
                    + " address in the header understand only one."));
    static final Setting<Boolean> FAIL_OPEN = add(Setting.of(
            "picker.failOpen",
            ValueTypes.bool(),
            false,
            "Whether a request for which no endpoint is available is left to the gateway instead of refused."));

    static final Setting<Boolean> CONFORMANCE = add(Setting.of(
            "picker.conformance",
            ValueTypes.bool(),
            false,
            "Heeds the headers by which the conformance suite of the Gateway API Inference Extension names endpoints. For its"
                    + " runs only: with it clients choose where they go."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private PickerKeys() {}

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
