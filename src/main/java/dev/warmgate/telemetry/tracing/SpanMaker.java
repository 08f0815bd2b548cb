package dev.warmgate.telemetry.tracing;

import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Trace;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes spans of reports, with the SDK's spans. Confined to one thread. */
final class SpanMaker {
    private static final int MAX_VALUE_CHARS = 1_000;

    private final Tracer tracer;
    private final Ids ids = new Ids();
    private List<SpanData> made = new ArrayList<>();

    SpanMaker(String serviceName, String version) {
        var service = Attributes.of(
                AttributeKey.stringKey("service.name"),
                serviceName,
                AttributeKey.stringKey("service.version"),
                version);
        tracer = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(service)))
                .setIdGenerator(ids)
                .setSpanLimits(SpanLimits.builder()
                        .setMaxAttributeValueLength(MAX_VALUE_CHARS)
                        .build())
                .addSpanProcessor(new Collector())
                .build()
                .get("dev.warmgate", version);
    }

    /** Makes the span of a request that ended at a time. */
    void add(Trace trace, long endEpochNanos, RequestReport report) {
        ids.next = trace;
        long start = endEpochNanos - report.durationNanos();
        var span = tracer.spanBuilder(SpanAttributes.name(report))
                .setSpanKind(SpanKind.SERVER)
                .setParent(parent(trace))
                .setStartTimestamp(start, TimeUnit.NANOSECONDS)
                .setAllAttributes(SpanAttributes.of(report))
                .startSpan();
        if (report.ttftNanos() >= 0 && report.readNanos() >= 0) {
            span.addEvent(
                    SpanAttributes.FIRST_TOKEN, start + report.readNanos() + report.ttftNanos(), TimeUnit.NANOSECONDS);
        }
        if (SpanAttributes.failed(report)) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end(endEpochNanos, TimeUnit.NANOSECONDS);
    }

    private static Context parent(Trace trace) {
        if (trace.parentSpanId() == null) {
            return Context.root();
        }
        var sender = SpanContext.createFromRemoteParent(
                trace.traceId(), trace.parentSpanId(), TraceFlags.getSampled(), TraceState.getDefault());
        return Context.root().with(Span.wrap(sender));
    }

    /** Returns what was made since the last call. */
    List<SpanData> take() {
        var taken = made;
        made = new ArrayList<>();
        return taken;
    }

    /** The ids that the request got when it began. */
    private static final class Ids implements IdGenerator {
        Trace next = new Trace("", "", null, false);

        @Override
        public String generateTraceId() {
            return next.traceId();
        }

        @Override
        public String generateSpanId() {
            return next.spanId();
        }
    }

    private final class Collector implements SpanProcessor {
        @Override
        public void onStart(Context parent, ReadWriteSpan span) {}

        @Override
        public boolean isStartRequired() {
            return false;
        }

        @Override
        public void onEnd(ReadableSpan span) {
            made.add(span.toSpanData());
        }

        @Override
        public boolean isEndRequired() {
            return true;
        }
    }
}
