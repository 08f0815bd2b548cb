package dev.warmgate.proxy.wire;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A deadline that is moved far more often than it passes, confined to one event loop.
 *
 * <p>Moving it later only writes a field: the timer that is already scheduled looks at the field when it fires and goes
 * back to sleep. So a connection that serves a thousand requests a second schedules a timer every few seconds.
 */
public final class Deadline implements Runnable {
    private final EventLoop loop;
    private final Runnable passed;

    private boolean armed;
    private long at;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAt;

    /** Creates a deadline that is not set; {@code passed} runs on the loop each time it passes. */
    public Deadline(EventLoop loop, Runnable passed) {
        this.loop = loop;
        this.passed = passed;
    }

    /** Sets or moves the deadline. */
    public void in(Duration wait) {
        at = now() + wait.toNanos();
        armed = true;
        if (timer == null) {
            schedule();
        } else if (at - timerAt < 0) {
            timer.cancel(false);
            schedule();
        }
    }

    /** Takes the deadline back. */
    public void clear() {
        armed = false;
    }

    /** Takes the deadline back and frees its timer, for an owner that will not set it again. */
    public void cancel() {
        armed = false;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    public void run() {
        timer = null;
        if (!armed) {
            return;
        }
        if (at - now() > 0) {
            schedule();
        } else {
            armed = false;
            passed.run();
        }
    }

    private void schedule() {
        timerAt = at;
        timer = loop.schedule(this, Math.max(0, at - now()), TimeUnit.NANOSECONDS);
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
