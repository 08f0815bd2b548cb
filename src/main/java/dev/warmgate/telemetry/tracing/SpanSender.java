package dev.warmgate.telemetry.tracing;

import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Trace;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans to their receiver, in batches, from a thread of its own. Event loops only put reports into a queue, without
 * locks. A receiver that is down or slow costs spans, not requests.
 */
final class SpanSender implements AutoCloseable {
    /** Spans that may wait: a few megabytes. */
    static final int QUEUE = 8_192;

    private static final Logger LOG = LoggerFactory.getLogger(SpanSender.class);

    /** Held, or its level would be forgotten: failures are logged here, once each time they begin. */
    private static final java.util.logging.Logger EXPORTER_LOG =
            java.util.logging.Logger.getLogger("io.opentelemetry.exporter");

    private static final int BATCH = 512;
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    /** A receiver that restarts or is busy gets spans a second time, and a third. */
    private static final RetryPolicy RETRIES = RetryPolicy.builder()
            .setMaxAttempts(3)
            .setInitialBackoff(Duration.ofMillis(200))
            .setMaxBackoff(Duration.ofSeconds(1))
            .build();

    private record Ended(Trace trace, long epochNanos, RequestReport report) {}

    private final TracingSettings settings;
    private final TraceIds ids;
    private final Tracing.Counts counts;
    private final SpanExporter exporter;
    private final SpanMaker maker;
    private final Thread thread;

    private final ConcurrentLinkedQueue<Ended> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private volatile boolean closed;

    private SpanSender(TracingSettings settings, String version, Tracing.Counts counts) {
        this.settings = settings;
        this.counts = counts;
        ids = new TraceIds(settings.sampleRatio());
        maker = new SpanMaker(settings.serviceName(), version);
        EXPORTER_LOG.setLevel(Level.OFF);
        exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(settings.endpoint().toString())
                .setHeaders(settings::headers)
                .setCompression("gzip")
                .setTimeout(EXPORT_TIMEOUT)
                .setRetryPolicy(RETRIES)
                .build();
        thread = Thread.ofPlatform().name("traces").daemon().unstarted(this::run);
    }

    static SpanSender start(TracingSettings settings, String version, Tracing.Counts counts) {
        var sender = new SpanSender(settings, version, counts);
        sender.thread.start();
        return sender;
    }

    TracingSettings settings() {
        return settings;
    }

    TraceIds ids() {
        return ids;
    }

    /** Takes a request that ended now; drops it if too many wait. Any thread. */
    void add(Trace trace, RequestReport report) {
        int waiting = queued.incrementAndGet();
        if (closed || waiting > QUEUE) {
            queued.decrementAndGet();
            counts.dropped().increment();
            return;
        }
        var now = Instant.now();
        queue.add(new Ended(trace, TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano(), report));
        if (waiting == BATCH) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        boolean failedBefore = false;
        while (!closed || !(queue.isEmpty() || failedBefore)) {
            if (!closed && queued.get() < BATCH) {
                LockSupport.parkNanos(this, INTERVAL.toNanos());
            }
            if (!queue.isEmpty()) {
                failedBefore = !send(failedBefore);
            }
        }
    }

    /** Sends a batch; a failure is logged once until a batch is taken again. */
    private boolean send(boolean failedBefore) {
        int count = 0;
        for (Ended ended; count < BATCH && (ended = queue.poll()) != null; count++) {
            maker.add(ended.trace(), ended.epochNanos(), ended.report());
        }
        queued.addAndGet(-count);
        // Far beyond its own timeout, which all attempts together have to keep.
        var result = exporter.export(maker.take()).join(2 * EXPORT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        if (result.isSuccess()) {
            counts.exported().add(count);
            return true;
        }
        counts.dropped().add(count);
        if (!failedBefore) {
            LOG.warn("Traces cannot be sent to {} and are lost: {}", settings.endpoint(), cause(result));
        }
        return false;
    }

    private static String cause(CompletableResultCode result) {
        var cause = result.getFailureThrowable();
        if (cause == null) {
            return "no answer in time";
        }
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }

    /** Sends what waits, gives up after 5 s or when the receiver does not take it, and counts what is left. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(LONGEST_CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var _ = exporter.shutdown();
        while (queue.poll() != null) {
            counts.dropped().increment();
        }
    }
}
