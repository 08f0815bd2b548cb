package dev.warmgate.app;

import dev.warmgate.router.Router;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the router look after the requests that wait, every {@link Router#TICK}, on a thread of its own that does not keep
 * the process alive.
 */
final class QueueClock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueClock.class);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("queue-clock").daemon().factory());
    private final Router router;
    private boolean failedBefore;

    private QueueClock(Router router) {
        this.router = router;
    }

    static QueueClock start(Router router) {
        var clock = new QueueClock(router);
        long tick = Router.TICK.toNanos();
        var _ = clock.thread.scheduleWithFixedDelay(clock::tick, tick, tick, TimeUnit.NANOSECONDS);
        return clock;
    }

    private void tick() {
        try {
            if (router.waiting() > 0) {
                router.tick();
            }
        } catch (RuntimeException e) {
            // The next tick may do better, and without ticks nobody's wait would end.
            if (!failedBefore) {
                failedBefore = true;
                LOG.error("Looking after waiting requests failed; going on", e);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
