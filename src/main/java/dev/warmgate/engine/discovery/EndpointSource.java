package dev.warmgate.engine.discovery;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running source of endpoints. Any thread.
 *
 * <p>It publishes what it knows whenever that changes, on its own thread, one after the other.
 */
public final class EndpointSource implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointSource.class);

    /** Takes what was found. */
    interface Readings {
        /**
         * Takes one.
         *
         * @throws InterruptedException if the source was closed
         */
        void accept(Reading reading) throws InterruptedException;
    }

    /** What looks again and again; runs until interrupted. */
    interface Looker {
        void run(Readings readings) throws InterruptedException;
    }

    private final Consumer<SourceState> listener;
    private final CountDownLatch firstReading = new CountDownLatch(1);
    private final Thread thread;

    /** Written by the source's thread. */
    private volatile SourceState state;

    private volatile boolean closed;

    private EndpointSource(String name, Looker looker, Consumer<SourceState> listener) {
        this.listener = listener;
        this.state = SourceState.unread(name);
        this.thread = Thread.ofVirtual().name("discovery " + name).unstarted(() -> run(looker));
    }

    /**
     * Starts a source.
     *
     * @param parser reads the text of a file; must not throw
     * @param listener hears every change, the first reading included; may block
     */
    public static EndpointSource start(
            SourceSpec spec, Function<String, Reading> parser, Consumer<SourceState> listener) {
        return start(
                spec.name(),
                switch (spec) {
                    case SourceSpec.OfFile file -> new FileLooker(file, parser);
                    case SourceSpec.OfDns dns -> new DnsLooker(dns);
                },
                listener);
    }

    static EndpointSource start(String name, Looker looker, Consumer<SourceState> listener) {
        var source = new EndpointSource(name, looker, listener);
        source.thread.start();
        return source;
    }

    /** Returns what is known now. */
    public SourceState state() {
        return state;
    }

    /** Waits until the source was read once, with success or without; false if the limit passed before. */
    public boolean awaitFirstReading(Duration limit) throws InterruptedException {
        return firstReading.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void run(Looker looker) {
        try {
            looker.run(this::take);
        } catch (InterruptedException _) {
            return; // closed
        } finally {
            firstReading.countDown();
        }
    }

    private void take(Reading reading) throws InterruptedException {
        if (closed) {
            throw new InterruptedException(); // the interrupt itself may have been swallowed on the way
        }
        var before = state;
        var now = before.after(reading);
        if (!now.equals(before)) {
            state = now;
            log(before, now);
            try {
                listener.accept(now);
            } catch (RuntimeException e) {
                LOG.error("A list of endpoints of {} could not be taken over", now.source(), e);
            }
        }
        firstReading.countDown();
    }

    private static void log(SourceState before, SourceState now) {
        if (now.failure() != null) {
            LOG.warn(
                    "{}: {}; its last list of {} stays",
                    now.source(),
                    now.failure(),
                    now.endpoints().size());
            return;
        }
        if (!now.endpoints().equals(before.endpoints()) || before.failure() != null) {
            LOG.info("{}: {} endpoints", now.source(), now.endpoints().size());
        }
        if (!now.problems().equals(before.problems())) {
            now.problems().forEach(problem -> LOG.warn("{}: left out: {}", now.source(), problem));
        }
    }

    /** Ends the source; nothing is published after this returned, unless it is called from the listener. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
