package dev.warmgate.telemetry.tracing;

import dev.warmgate.router.Trace;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives requests their places in traces. Any thread. */
final class TraceIds {
    // 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
    private static final int TRACE_AT = 3;
    private static final int SPAN_AT = 36;
    private static final int FLAGS_AT = 53;

    private final IdGenerator random = IdGenerator.random();

    /** Decides by the trace's id, as the other SDKs of OpenTelemetry do. */
    private final Sampler ofNewTraces;

    TraceIds(double sampleRatio) {
        ofNewTraces = Sampler.traceIdRatioBased(sampleRatio);
    }

    /** Continues the sender's trace, whose decision to record it is kept, or begins one without a (valid) parent. */
    Trace begin(@Nullable String traceParent) {
        if (traceParent != null) {
            var flags = TraceFlags.fromHex(traceParent, FLAGS_AT);
            return new Trace(
                    traceParent.substring(TRACE_AT, SPAN_AT - 1),
                    random.generateSpanId(),
                    traceParent.substring(SPAN_AT, FLAGS_AT - 1),
                    flags.isSampled());
        }
        String traceId = random.generateTraceId();
        return new Trace(traceId, random.generateSpanId(), null, samples(traceId));
    }

    private boolean samples(String traceId) {
        return ofNewTraces
                        .shouldSample(Context.root(), traceId, "", SpanKind.SERVER, Attributes.empty(), List.of())
                        .getDecision()
                == SamplingDecision.RECORD_AND_SAMPLE;
    }
}
