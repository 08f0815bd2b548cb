package dev.warmgate.app;

import dev.warmgate.app.OwnThreads.Policy;
import dev.warmgate.app.OwnThreads.Use;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets threads run in the time that nobody else wants, for as long as that is enough for them. A thread with a share, however
 * small, takes it in pieces of the kernel's tick, of milliseconds, and a request that comes meanwhile waits; one that has only
 * spare time gives way at once. But where serving threads want all of the cores there is no spare time, and what is never
 * compiled stays slow: if a thread hardly runs, all of them get shares for a while. In the first minute these are as large as
 * anybody's: then nearly all is still to be compiled, and the sooner it is, the more can be served. Later they are small.
 *
 * <p>Not thread-safe: for the one thread that looks.
 */
final class SpareTime implements AutoCloseable {
    /** The time from one look to the next. */
    static final Duration INTERVAL = Duration.ofMillis(250);

    /** Who waits at two looks and ran for less than this between them hardly runs: an eighth of the time. */
    static final long LEAST_TICKS = 3;

    /** For how many looks they have shares, until spare time is tried again. */
    static final int LOOKS_WITH_SHARES = 10;

    /** For how many looks shares are as large as anybody's. */
    static final int FIRST_LOOKS = 240;

    /** What threads get. */
    enum Portion {
        SPARE_TIME(Policy.IDLE, 0),
        LARGE_SHARE(Policy.SHARE, 0),
        SMALL_SHARE(Policy.SHARE, HelperThreads.NICE);

        private final Policy policy;
        private final int nice;

        Portion(Policy policy, int nice) {
            this.policy = policy;
            this.nice = nice;
        }
    }

    private final OwnThreads threads;
    private final List<String> names;

    /** Those that were there when what they get was changed. One that is started by one of them gets the same. */
    private Set<Integer> ids = Set.of();

    private Map<Integer, Use> before = Map.of();
    private int firstLooks = FIRST_LOOKS;
    private int looksWithShares;
    private @Nullable Portion portion;

    /** Creates one for the threads whose names begin so. */
    SpareTime(OwnThreads threads, List<String> names) {
        this.threads = threads;
        this.names = names;
    }

    /** Looks at what they had since the last look, and gives them what they get until the next one. */
    void look() throws IOException {
        var next = next(threads.uses(ids));
        if (next != portion) {
            portion = next;
            ids = threads.named(names);
            ids.forEach(thread -> give(thread, next));
        }
    }

    private void give(int thread, Portion what) {
        if (threads.policy(thread, what.policy) && what.policy == Policy.SHARE) {
            threads.nice(thread, what.nice);
        }
    }

    /** Returns what they get, after they have used so much. */
    Portion next(Map<Integer, Use> now) {
        if (looksWithShares > 0) {
            looksWithShares--;
        } else if (now.entrySet().stream().anyMatch(each -> hardlyRuns(before.get(each.getKey()), each.getValue()))) {
            looksWithShares = LOOKS_WITH_SHARES;
        }
        before = now;
        firstLooks = Math.max(0, firstLooks - 1);
        return looksWithShares == 0 ? Portion.SPARE_TIME : firstLooks > 0 ? Portion.LARGE_SHARE : Portion.SMALL_SHARE;
    }

    private static boolean hardlyRuns(@Nullable Use before, Use now) {
        return before != null && before.ready() && now.ready() && now.ticks() - before.ticks() < LEAST_TICKS;
    }

    /** Gives all their shares back. */
    @Override
    public void close() {
        ids.forEach(thread -> threads.policy(thread, Policy.SHARE));
    }
}
