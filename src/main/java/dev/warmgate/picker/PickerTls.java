package dev.warmgate.picker;

import dev.warmgate.door.tls.TlsSettings;

/** What gateways must speak below gRPC. */
public sealed interface PickerTls {
    /** No TLS: whoever is on the way can read and answer. */
    record Off() implements PickerTls {}

    /** A certificate made at the start, which nobody vouches for; gateways must not check it. */
    record SelfSigned() implements PickerTls {}

    /** A certificate from files, which are watched. */
    record Given(TlsSettings files) implements PickerTls {}
}
