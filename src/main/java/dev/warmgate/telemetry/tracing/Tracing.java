package dev.warmgate.telemetry.tracing;

import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Trace;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Traces of requests: each has a place in its client's trace, or begins one, and a span when it ends. Can be off, and
 * change while requests go on. Any thread.
 */
public final class Tracing implements RequestObserver, AutoCloseable {
    private final String version;
    private final Counts counts = new Counts(new LongAdder(), new LongAdder());

    /** Null while there are no traces. Written under this. */
    private volatile @Nullable SpanSender sender;

    /** What became of spans. */
    record Counts(LongAdder exported, LongAdder dropped) {}

    private Tracing(String version) {
        this.version = version;
    }

    /**
     * Starts tracing.
     *
     * @param settings null for none, for now
     * @param version the software's version
     */
    public static Tracing start(@Nullable TracingSettings settings, String version) {
        var tracing = new Tracing(version);
        tracing.become(settings);
        return tracing;
    }

    /** Takes other settings, or null for no traces. What waits still goes where it was to go. */
    public synchronized void become(@Nullable TracingSettings settings) {
        var former = sender;
        if (former != null && former.settings().equals(settings)) {
            return;
        }
        sender = settings == null ? null : SpanSender.start(settings, version, counts);
        if (former != null) {
            Thread.startVirtualThread(former::close);
        }
    }

    /** Returns spans that their receiver took. */
    public long exported() {
        return counts.exported().sum();
    }

    /** Returns spans that are lost: too many waited, or the receiver did not take them. */
    public long dropped() {
        return counts.dropped().sum();
    }

    @Override
    public boolean traces() {
        return sender != null;
    }

    @Override
    public @Nullable Trace begun(@Nullable String traceParent) {
        var now = sender;
        return now == null ? null : now.ids().begin(traceParent);
    }

    @Override
    public void ended(RequestReport report) {
        var trace = report.trace();
        if (trace == null || !trace.sampled()) {
            return;
        }
        var now = sender;
        if (now != null) {
            now.add(trace, report);
        }
    }

    /** Exports what waits; gives up after 5 s. */
    @Override
    public synchronized void close() {
        var former = sender;
        sender = null;
        if (former != null) {
            former.close();
        }
    }
}
