package dev.warmgate.proxy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The number of requests in flight, and whether the front door still wants more. Any thread.
 *
 * <p>The monitor is only for {@link #awaitNone}; event loops take it once per request, and only while draining.
 */
final class Traffic {
    private final AtomicInteger inFlight = new AtomicInteger();

    // Written by whoever drains, read by all event loops.
    private volatile boolean draining;

    void begun() {
        inFlight.incrementAndGet();
    }

    void ended() {
        if (inFlight.decrementAndGet() == 0 && draining) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    int inFlight() {
        return inFlight.get();
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
        while (inFlight.get() > 0) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return true;
    }
}
