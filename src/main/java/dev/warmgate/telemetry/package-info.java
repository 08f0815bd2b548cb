/**
 * What happened, told to the outside: Prometheus metrics, the access log and, in {@code tracing},
 * traces.
 *
 * <p>Start at {@link dev.warmgate.telemetry.Telemetry} (metrics) and {@link dev.warmgate.telemetry.AccessLog}; both are
 * request observers that the front doors call on their event loops.
 *
 * <p>Threading: observing never blocks; metrics are striped counters, and log lines go through a bounded queue to one
 * writing thread. Gauges of the router's state are read when a scrape asks for them.
 *
 * <p>Invariants: no prompt text; every label set is bounded whatever clients send; what cannot be written is dropped and
 * counted.
 */
@NullMarked
package dev.warmgate.telemetry;

import org.jspecify.annotations.NullMarked;
