package dev.warmgate.twin.server;

import dev.warmgate.dialect.RequestReader;
import dev.warmgate.twin.engine.TwinTokenizer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of one event loop and the one timer that drives them.
 *
 * <p>A wake lets every engine catch up with the clock, then writes once to each connection that has news. It happens when
 * the next step of any replica ends, but at most four times a millisecond, and after requests came in. Confined to the loop.
 */
final class ReplicaLoop {
    /** Real time by which a token may come late: shorter sleeps cost more in wakes than they give in precision. */
    private static final long SHORTEST_SLEEP_NANOS = 250_000;

    private final EventLoop eventLoop;
    private final LongSupplier nanoTime;
    private final List<TwinReplica> replicas = new ArrayList<>();
    private final RequestReader reader = new RequestReader();
    private final TwinTokenizer tokenizer = new TwinTokenizer();

    private @Nullable Future<?> timer;
    private long timerAt;
    private boolean wakePending;

    ReplicaLoop(EventLoop eventLoop, LongSupplier nanoTime) {
        this.eventLoop = eventLoop;
        this.nanoTime = nanoTime;
    }

    /** Adds a replica; before the loop has anything to do. */
    void add(TwinReplica replica) {
        replicas.add(replica);
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    RequestReader reader() {
        return reader;
    }

    TwinTokenizer tokenizer() {
        return tokenizer;
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    void execute(Runnable task) {
        eventLoop.execute(task);
    }

    /** Wakes once everything read so far is handled: requests that come together share a step. */
    void changed() {
        if (!wakePending) {
            wakePending = true;
            eventLoop.execute(this::wake);
        }
    }

    private void wake() {
        wakePending = false;
        for (TwinReplica replica : replicas) {
            replica.catchUp();
        }
        long now = nanoTime();
        long delay = Long.MAX_VALUE;
        for (TwinReplica replica : replicas) {
            delay = Math.min(delay, replica.nextEventIn());
        }
        if (delay != Long.MAX_VALUE) {
            sleep(now, Math.max(delay, SHORTEST_SLEEP_NANOS));
        }
    }

    private void sleep(long now, long delay) {
        if (timer != null) {
            if (timerAt - now <= delay && timerAt - now > 0) {
                return;
            }
            timer.cancel(false);
        }
        timerAt = now + delay;
        timer = eventLoop.schedule(this::timerFired, delay, TimeUnit.NANOSECONDS);
    }

    private void timerFired() {
        timer = null;
        wake();
    }
}
