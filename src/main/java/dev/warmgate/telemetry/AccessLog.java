package dev.warmgate.telemetry;

import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line per request, to one stream; never any prompt text.
 *
 * <p>Event loops only put the report into a queue, without locks; one thread formats and writes. When the stream cannot
 * keep up and the queue is full, lines are dropped and counted: a slow disk or terminal must not slow down requests.
 */
public final class AccessLog implements RequestObserver, AutoCloseable {
    /** The form of the lines. */
    public enum Format {
        OFF,
        TEXT,
        JSON;

        /**
         * Returns the format of a name in configuration, in any case.
         *
         * @throws IllegalArgumentException for an unknown name
         */
        public static Format parse(String name) {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "off" -> OFF;
                case "text" -> TEXT;
                case "json" -> JSON;
                default -> throw new IllegalArgumentException("accessLog: " + name + " (expected: off, text or json)");
            };
        }
    }

    /** Lines that may wait to be written: a second of heavy traffic, a few megabytes. */
    public static final int DEFAULT_QUEUE = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final int BATCH_BYTES = 32 << 10;
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    private record Entry(long epochMillis, RequestReport report) {}

    private final OutputStream out;
    private final InstantSource clock;
    private final int limit;
    private final Thread writer;

    private final ConcurrentLinkedQueue<Entry> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    /** Set by the writer before it looks at the queue a last time and parks; read by whoever adds to the queue. */
    private volatile boolean idle;

    /** How lines look; null while the log is off. Written by any thread. */
    private volatile @Nullable AccessLine line;

    private volatile boolean closed;

    private AccessLog(Format format, OutputStream out, InstantSource clock, int limit) {
        this.out = out;
        this.clock = clock;
        this.limit = limit;
        this.line = line(format);
        this.writer = Thread.ofPlatform().name("access-log").daemon().unstarted(this::run);
    }

    /** Starts a log with the default queue. */
    public static AccessLog start(Format format, OutputStream out) {
        return start(format, out, InstantSource.system(), DEFAULT_QUEUE);
    }

    /**
     * Starts a log.
     *
     * @param out where lines go, in UTF-8; flushed whenever nothing waits, and never closed
     * @param limit lines that may wait; at least 1
     */
    public static AccessLog start(Format format, OutputStream out, InstantSource clock, int limit) {
        var log = new AccessLog(format, out, clock, limit);
        log.writer.start();
        return log;
    }

    private static @Nullable AccessLine line(Format format) {
        return format == Format.OFF ? null : new AccessLine(format == Format.JSON);
    }

    /** Changes how lines look, or whether there are any, from now on. */
    public void format(Format format) {
        line = line(format);
    }

    /** Returns the lines that were not written: the queue was full, or the stream failed. */
    public long dropped() {
        return dropped.sum();
    }

    @Override
    public void ended(RequestReport report) {
        if (closed || line == null) {
            return;
        }
        if (queued.incrementAndGet() > limit) {
            queued.decrementAndGet();
            dropped.increment();
            return;
        }
        queue.add(new Entry(clock.millis(), report));
        if (idle) {
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        var batch = new ByteArrayOutputStream(BATCH_BYTES);
        int lines = 0;
        boolean failedBefore = false;
        while (true) {
            var entry = queue.poll();
            if (entry != null) {
                queued.decrementAndGet();
                var form = line;
                if (form != null) {
                    batch.writeBytes(
                            form.format(entry.epochMillis(), entry.report()).getBytes(StandardCharsets.UTF_8));
                    lines++;
                }
            }
            if (lines > 0 && (entry == null || batch.size() >= BATCH_BYTES)) {
                failedBefore = !write(batch, lines, failedBefore);
                lines = 0;
            } else if (entry == null) {
                if (closed) {
                    return;
                }
                awaitEntry();
            }
        }
    }

    /** Writes a batch and empties it; a failure is logged once until a write succeeds again. */
    private boolean write(ByteArrayOutputStream batch, int lines, boolean failedBefore) {
        try {
            batch.writeTo(out);
            out.flush();
            return true;
        } catch (IOException e) {
            dropped.add(lines);
            if (!failedBefore) {
                LOG.warn("Access log lines cannot be written and are lost: {}", e.toString());
            }
            return false;
        } finally {
            batch.reset();
        }
    }

    private void awaitEntry() {
        idle = true;
        if (queue.isEmpty() && !closed) {
            LockSupport.park(this);
        }
        idle = false;
    }

    /** Writes what waits and ends the thread; gives up after 5 s if the stream does not take it. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(LONGEST_CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
