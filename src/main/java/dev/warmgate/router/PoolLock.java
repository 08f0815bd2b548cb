package dev.warmgate.router;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lock of one pool, and what passes between those who want it.
 *
 * <p>Only who waits for a choice waits for the lock. What became of a request is left in {@code reports} if another thread
 * has the lock; whoever has it books that before it does anything else, and looks again after it let the lock go. What
 * others are to be told under the lock they hear after it is free.
 */
final class PoolLock {
    /** Looks at a taken lock before a thread goes to sleep: 25 µs or a little more; none where nobody could let it go. */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1_000 : 0;

    /**
     * How often a thread that came for something of its own looks again for room to offer, at most: its other connections
     * wait meanwhile. What is left is offered by whoever comes next, at the latest by the clock.
     */
    private static final int MOST_ROUNDS = 16;

    private record Report(Reservation reservation, @Nullable Usage usage, long at) {}

    /** What is done by whoever has the lock. */
    interface Keeper {
        /** Books what became of a request, as told to {@link #report}. */
        void book(Reservation reservation, @Nullable Usage usage, long at);

        /**
         * Offers room to those that wait, before the lock is let go.
         *
         * @return whether room was left unoffered, so as to let others have the lock
         */
        boolean offerRoom();
    }

    private final Keeper keeper;
    private final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentLinkedQueue<Report> reports = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> news = new ConcurrentLinkedQueue<>();

    /** Whether the thread is telling somebody. */
    private final ThreadLocal<Boolean> telling = ThreadLocal.withInitial(() -> false);

    /** Written under the lock. */
    private volatile boolean moreToOffer;

    PoolLock(Keeper keeper) {
        this.keeper = keeper;
    }

    /** Takes the lock, and waits awake for about as long as a choice takes, because to sleep and be woken takes longer. */
    void enter() {
        boolean entered = false;
        for (int i = 0; i < SPINS && !entered; i++) {
            entered = lock.tryLock();
            if (!entered) {
                Thread.onSpinWait();
            }
        }
        if (!entered) {
            lock.lock();
        }
        bookReports();
    }

    /** Lets the lock go, and tells who is to be told. */
    void leave() {
        leave(MOST_ROUNDS);
    }

    private void leave(int rounds) {
        try {
            moreToOffer = keeper.offerRoom();
        } finally {
            lock.unlock();
        }
        lookAgain(rounds);
    }

    /** Does something under the lock, and then offers all the room there is; not for a thread that others wait for. */
    <T> T locked(Supplier<T> action) {
        enter();
        try {
            return action.get();
        } finally {
            leave(Integer.MAX_VALUE);
        }
    }

    /**
     * Books what became of a request, now or, if another thread has the lock, soon.
     *
     * @param usage what its answer took; null if this is the first token of it
     * @param at when, on the router's clock
     */
    void report(Reservation reservation, @Nullable Usage usage, long at) {
        if (lock.tryLock()) {
            try {
                bookReports();
                keeper.book(reservation, usage, at);
            } finally {
                leave();
            }
        } else {
            reports.add(new Report(reservation, usage, at));
            lookAgain(MOST_ROUNDS);
        }
    }

    /** Tells somebody something once the lock is free. */
    void tell(Runnable what) {
        news.add(what);
    }

    /**
     * Books reports that came while another thread had the lock, and offers what room is left to offer; if another has the
     * lock now, it will look again as well. Then tells who waited.
     */
    private void lookAgain(int rounds) {
        int left = rounds;
        while ((!reports.isEmpty() || (moreToOffer && left-- > 0)) && lock.tryLock()) {
            try {
                bookReports();
                moreToOffer = keeper.offerRoom();
            } finally {
                lock.unlock();
            }
        }
        // Who is told may report at once, and make room for the next one: that one is told here, not by a call within
        // the call.
        if (!news.isEmpty() && !telling.get()) {
            telling.set(true);
            try {
                for (var next = news.poll(); next != null; next = news.poll()) {
                    next.run();
                }
            } finally {
                telling.set(false);
            }
        }
    }

    private void bookReports() {
        for (var report = reports.poll(); report != null; report = reports.poll()) {
            keeper.book(report.reservation, report.usage, report.at);
        }
    }
}
