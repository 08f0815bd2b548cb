package dev.warmgate.picker;

import java.time.Duration;

/**
 * How long a picker waits.
 *
 * @param body for a body: its end, or another 64 KiB of it
 * @param firstBody for the first piece of a body of a gateway that does not say whether it sends bodies
 * @param firstByte for an answer to begin, once the request is sent
 * @param idle for an answer to go on
 */
public record PickerTimeouts(Duration body, Duration firstBody, Duration firstByte, Duration idle) {
    /** Those of the proxy. */
    static final PickerTimeouts DEFAULT = new PickerTimeouts(
            Duration.ofSeconds(30), Duration.ofMillis(500), Duration.ofMinutes(10), Duration.ofMinutes(2));

    public PickerTimeouts {
        for (Duration each : new Duration[] {body, firstBody, firstByte, idle}) {
            if (!each.isPositive()) {
                throw new IllegalArgumentException("timeout: " + each + " (expected: above zero)");
            }
        }
    }

    /** Returns these with what is configured for all doors. */
    public static PickerTimeouts of(Duration body, Duration firstByte, Duration idle) {
        return new PickerTimeouts(body, DEFAULT.firstBody, firstByte, idle);
    }
}
