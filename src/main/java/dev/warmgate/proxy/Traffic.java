package dev.warmgate.proxy;

import dev.warmgate.door.HeldObjects;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The number of requests in flight, and whether the front door still wants more. Any thread.
 *
 * <p>The monitor is only for {@link #awaitNone}; event loops take it once per request, and only while draining.
 */
final class Traffic {
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    private final RetryBudget retries;
    private final HeldObjects held;

    // Written by whoever drains, read by all event loops.
    private volatile boolean draining;

    Traffic(RetryRules rules, HeldObjects held) {
        this.held = held;
        retries = new RetryBudget(rules, this);
    }

    /** Returns the requests on a further attempt. */
    RetryBudget retries() {
        return retries;
    }

    /** Returns which endpoints keep what. */
    HeldObjects held() {
        return held;
    }

    void begin() {
        begun.incrementAndGet();
    }

    void end() {
        long count = ended.incrementAndGet();
        if (draining && count == begun.get()) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** Returns requests ever begun. */
    long begun() {
        return begun.get();
    }

    /** Returns requests begun and not ended. */
    int inFlight() {
        long before = ended.get(); // first, so that the difference is never negative
        return (int) (begun.get() - before);
    }

    boolean draining() {
        return draining;
    }

    void startDraining() {
        draining = true;
    }

    /** Waits until nothing is in flight; returns whether that came true within the limit. */
    synchronized boolean awaitNone(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (inFlight() > 0) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return true;
    }
}
