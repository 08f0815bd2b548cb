/**
 * Requests as spans of distributed traces, exported by OTLP over HTTP.
 *
 * <p>Start at {@link dev.warmgate.telemetry.tracing.Tracing}. When a request begins, only its ids and whether it is
 * sampled are decided; the span is made of the report at its end, on the exporting thread.
 *
 * <p>Invariants: no prompt text; what is traced never waits for the receiver of traces; spans that wait are bounded, and
 * what cannot be exported is dropped and counted.
 */
@NullMarked
package dev.warmgate.telemetry.tracing;

import org.jspecify.annotations.NullMarked;
