package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * How long ago each endpoint used what it is believed to hold, counted in tokens. Confined to the pool's lock.
 *
 * <p>An <em>ownership</em> is a slot number and a stamp in one long: that endpoint's clock when it last used the run.
 */
final class CacheAges {
    /*
     * Engines evict least recently used blocks. Each endpoint has a clock that counts tokens brought to the front of its
     * LRU list: what was stamped fewer than capacity tokens ago is believed present. New tokens count in full. A hit
     * moves a block past the share of the cache that is newer than it, which is its own age over the capacity, so it counts
     * for that share: the mean-field value of the LRU stack distance (Mattson et al., "Evaluation techniques for storage
     * hierarchies", 1970) without keeping a list.
     *
     * By the same paper's inclusion property, an LRU cache that lacks one entry lacks all that were used before it. So
     * when an engine says that something was gone, one number per endpoint (`gone`) ends the belief in everything with
     * that stamp or an older one.
     */

    /** Ownership is remembered, as history, up to this multiple of the capacity. */
    static final double HISTORY = 2;

    private static final int STAMP_BITS = 48;
    private static final long STAMP_MASK = (1L << STAMP_BITS) - 1;
    private static final double LEAST_RETENTION = 0.0001;

    private static final double STEPS = 1_024;

    private final double[] clock;
    private final long[] capacity;

    /** What has this stamp or an older one is not in the cache. Stamps begin with 1. */
    private final long[] gone;

    /** Ownership is forgotten at this multiple of the capacity; less than {@link #HISTORY} only for lack of memory. */
    private double retention = HISTORY;

    CacheAges(int endpoints, long kvCapacityTokens) {
        clock = new double[endpoints];
        capacity = new long[endpoints];
        gone = new long[endpoints];
        Arrays.fill(capacity, Math.max(kvCapacityTokens, 1));
    }

    int endpoints() {
        return clock.length;
    }

    static long bytes(int endpoints) {
        return 3L * Long.BYTES * endpoints;
    }

    static int slot(long ownership) {
        return (int) (ownership >>> STAMP_BITS);
    }

    static long stamp(long ownership) {
        return ownership & STAMP_MASK;
    }

    /** Returns ownership by an endpoint that uses a run now. */
    long ownership(int slot) {
        return ((long) slot << STAMP_BITS) | ((long) clock[slot] & STAMP_MASK);
    }

    void capacity(int slot, long tokens) {
        capacity[slot] = Math.max(tokens, 1);
    }

    void advance(int slot, double tokens) {
        clock[slot] += tokens;
    }

    void evicted(int slot, long stamp) {
        gone[slot] = Math.max(gone[slot], Math.min(stamp, (long) clock[slot]));
    }

    /** Makes everything too old, for belief and for history. */
    void forget(int slot) {
        gone[slot] = (long) clock[slot];
        clock[slot] += HISTORY * capacity[slot] + 1;
    }

    /** Returns whether the endpoint was told to have lost what it owned. */
    boolean gone(long ownership) {
        return stamp(ownership) <= gone[slot(ownership)];
    }

    /** Returns the age as a share of the endpoint's capacity; above 1, it is believed to be evicted. */
    double share(long ownership) {
        int slot = slot(ownership);
        return (clock[slot] - stamp(ownership)) / capacity[slot];
    }

    /** Returns how far using a run again moves the clock, per token; in 1,024ths, so that sums are exact in any order. */
    double step(long ownership) {
        return gone(ownership) ? 1 : Math.rint(Math.min(1, share(ownership)) * STEPS) / STEPS;
    }

    /** Returns whether something of this age is believed present, as far as memory allows to remember it. */
    boolean present(double share) {
        return share < Math.min(1, retention);
    }

    /** Returns whether something of this age is remembered. */
    boolean remembered(double share) {
        return share < retention;
    }

    /** Returns the share of the engines' capacity that is still remembered. */
    double pressure() {
        return Math.min(1, retention);
    }

    double retention() {
        return retention;
    }

    void retain(double share) {
        retention = Math.clamp(share, LEAST_RETENTION, HISTORY);
    }
}
