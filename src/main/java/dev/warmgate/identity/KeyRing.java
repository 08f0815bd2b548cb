package dev.warmgate.identity;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer, fetched when they are first needed, when they get old while tokens come, and when a token is
 * signed with one that is not there.
 *
 * <p>There is no clock of its own to stop: without tokens nothing is fetched, and a ring that nobody uses any more is
 * simply forgotten. When nobody sent a token for twice as long as keys may be old, they are not used before they were asked
 * for again, so that a key that was withdrawn opens nothing.
 *
 * <p>Any thread; fetching is done by one virtual thread at a time.
 */
final class KeyRing {
    /** However many tokens with unknown keys come, the issuer is not asked more often. */
    static final Duration SHORTEST_PAUSE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);

    /** What there is to check a token with: keys, or the promise of some, or neither. */
    record State(@Nullable KeySet keys, @Nullable CompletableFuture<Void> fetching) {}

    private final KeyLocation location;
    private final KeySource source;
    private final long refreshNanos;
    private final LongSupplier nanoTime;
    private final LongAdder failures;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile KeySet keys = KeySet.NONE;

    // Written by the fetching thread:

    /** When the keys were known to be those of the issuer. */
    private volatile long freshAt;

    /** When a fetch ended, well or not. */
    private volatile long triedAt;

    /** Whether that was not well. */
    private volatile boolean failing;

    // Under the lock:
    private @Nullable CompletableFuture<Void> fetching;
    private boolean asked;
    private long askedAt;

    /** Owned by the fetching thread. */
    private String lastFailure = "";

    /**
     * Creates a ring and begins to fetch.
     *
     * @param nanoTime a clock
     * @param failures counts fetches that failed
     */
    KeyRing(KeyLocation location, KeySource source, Duration refresh, LongSupplier nanoTime, LongAdder failures) {
        this.location = location;
        this.source = source;
        this.refreshNanos = refresh.toNanos();
        this.nanoTime = nanoTime;
        this.failures = failures;
        var _ = fetch();
    }

    /** Returns the keys there are; begins to fetch if they are old. */
    State current() {
        var now = keys;
        if (now.isEmpty()) {
            return new State(null, fetch());
        }
        long age = nanoTime.getAsLong() - freshAt;
        if (age > refreshNanos) {
            var fetching = fetch();
            if (fetching != null && nanoTime.getAsLong() - triedAt > 2 * refreshNanos) {
                return new State(null, fetching);
            }
        }
        return new State(keys, null);
    }

    /** Returns what to wait for before a token whose key is not there can be refused; null for nothing. */
    @Nullable
    CompletableFuture<Void> missing() {
        return fetch();
    }

    /** Returns whether the keys could not be fetched when that was tried last. */
    boolean failing() {
        return failing;
    }

    /** Begins to fetch, unless that happens already or happened just now; returns its end, or null. */
    private @Nullable CompletableFuture<Void> fetch() {
        lock.lock();
        try {
            if (fetching != null) {
                return fetching;
            }
            long now = nanoTime.getAsLong();
            if (asked && now - askedAt < SHORTEST_PAUSE.toNanos()) {
                return null;
            }
            asked = true;
            askedAt = now;
            var begun = new CompletableFuture<Void>();
            fetching = begun;
            Thread.ofVirtual().name("warmgate-keys").start(() -> fetch(begun));
            return begun;
        } finally {
            lock.unlock();
        }
    }

    private void fetch(CompletableFuture<Void> end) {
        try {
            String text = source.read();
            if (!keys.isOf(text)) {
                keys = KeySet.parse(text);
            }
            freshAt = nanoTime.getAsLong();
            failing = false;
            if (!lastFailure.isEmpty()) {
                LOG.info("Token keys of {} can be read again", location);
                lastFailure = "";
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            triedAt = nanoTime.getAsLong();
            lock.lock();
            try {
                fetching = null;
            } finally {
                lock.unlock();
            }
            end.complete(null);
        }
    }

    /** Says so once for each cause. */
    private void failed(Exception e) {
        failures.increment();
        failing = true;
        String failure = String.valueOf(e);
        if (!failure.equals(lastFailure)) {
            lastFailure = failure;
            LOG.warn(
                    "Token keys of {} cannot be read ({}); {}",
                    location,
                    failure,
                    keys.isEmpty() ? "tokens signed with them are answered 503" : "those known before stay in use");
        }
    }
}
