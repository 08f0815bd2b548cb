package dev.warmgate.app;

import dev.warmgate.app.OwnThreads.Policy;
import dev.warmgate.app.OwnThreads.Use;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets threads run in the time that nobody else wants, for as long as that is enough for them. A thread with a share, however
 * small, takes it in pieces of the kernel's tick, of milliseconds, and a request that comes meanwhile waits; one that has only
 * spare time gives way at once. But where serving threads want all of the cores there is no spare time, and what is never
 * compiled stays slow: if a thread hardly runs, all of them get their shares back for a while. These are not small ones: what
 * has to be compiled takes as long in all, and the sooner it is done, the more can be served.
 *
 * <p>Not thread-safe: for the one thread that looks.
 */
final class SpareTime implements AutoCloseable {
    /** The time from one look to the next. */
    static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Who waits at two looks and ran for less than a tenth of the time between them hardly runs. */
    static final long LEAST_TICKS = 10;

    /** For how many looks they have their shares, until spare time is tried again. */
    static final int LOOKS_WITH_SHARES = 10;

    private final OwnThreads threads;
    private final List<String> names;
    private Map<Integer, Use> before = Map.of();
    private int looksWithShares;

    /** Creates one for the threads whose names begin so. */
    SpareTime(OwnThreads threads, List<String> names) {
        this.threads = threads;
        this.names = names;
    }

    /** Looks at what they had since the last look, and gives them what they get until the next one. */
    void look() throws IOException {
        var now = threads.named(names);
        var policy = next(now);
        now.keySet().forEach(thread -> threads.policy(thread, policy));
    }

    /** Returns what they get, after they have used so much. */
    Policy next(Map<Integer, Use> now) {
        if (looksWithShares > 0) {
            looksWithShares--;
        } else if (now.keySet().stream().anyMatch(thread -> hardlyRuns(before.get(thread), now.get(thread)))) {
            looksWithShares = LOOKS_WITH_SHARES;
        }
        before = now;
        return looksWithShares > 0 ? Policy.SHARE : Policy.IDLE;
    }

    private static boolean hardlyRuns(@Nullable Use before, Use now) {
        return before != null && before.ready() && now.ready() && now.ticks() - before.ticks() < LEAST_TICKS;
    }

    /** Gives all their shares back. */
    @Override
    public void close() {
        before.keySet().forEach(thread -> threads.policy(thread, Policy.SHARE));
    }
}
