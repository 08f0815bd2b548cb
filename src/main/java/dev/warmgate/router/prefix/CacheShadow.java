package dev.warmgate.router.prefix;

/**
 * What one engine's block cache must look like, from what the gateway knows: which prompts run there and which ended when.
 * Confined to the pool's lock.
 */
final class CacheShadow {
    /*
     * Follows vLLM's block manager (vllm/v1/core/block_pool.py), with runs for blocks:
     *
     * - What requests in flight use is pinned: counted once however many use it, and never evicted.
     * - When the last of them ends, it goes to the fresh end of a list, the prompt's tail before its head, and before that
     *   the answer. Nobody will ask for the answer under a name known here, so it is garbage: tokens that count.
     * - What is at the old end of the list makes room, as soon as pinned and idle tokens exceed the capacity.
     *
     * So a child in the list is always older than its parent, and what is held is always a prefix. Hence also, by the
     * inclusion property of LRU (Mattson et al., "Evaluation techniques for storage hierarchies", 1970): an engine that lacks
     * one entry lacks all the older ones.
     *
     * The list goes on with ghosts, which were evicted:
     *
     *   oldest … ghosts … | oldestIdle … idle … newest, fresh garbage
     *
     * Engines evict a run block by block from its tail. Only one run of a shadow can be evicted in part, the oldest idle
     * one, so that part is one number (cut). Garbage is a number as well, kept with the entry that it is older than.
     *
     * What is forgotten for lack of memory comes from the old end, so it is garbage at the old end (forgotten), and what the
     * engine evicts first.
     */

    /** Memory of one shadow. */
    static final int BYTES = 128;

    private static final int NONE = Records.NONE;

    /** So that all garbage, at most three times as much for a moment, fits an int. */
    private static final long MAX_CAPACITY = 1 << 29;

    private final RunTree tree;
    private final Owners owners;
    private final int slot;

    private long capacity;

    // Tokens.
    private long pinned;

    /** Of idle runs and all garbage but what was forgotten. */
    private long idle;

    private long ghosts;
    private long forgotten;

    /** Garbage newer than the whole list. */
    private long fresh;

    private int cut;

    private int oldest = NONE;
    private int oldestIdle = NONE;
    private int newest = NONE;

    /** Counts what happened; owners are stamped with it. */
    private long clock;

    /** What was pinned at this time or before was lost in a restart. */
    private long lost;

    CacheShadow(RunTree tree, int slot, long capacity) {
        this.tree = tree;
        this.owners = tree.owners();
        this.slot = slot;
        capacity(capacity);
    }

    /** Sets the engine's capacity, in tokens. */
    void capacity(long tokens) {
        capacity = Math.clamp(tokens, 1, MAX_CAPACITY);
        evict();
    }

    long capacity() {
        return capacity;
    }

    /** Returns tokens in use by requests in flight, each counted once. */
    long pinned() {
        return pinned;
    }

    long idle() {
        return idle;
    }

    long ghosts() {
        return ghosts;
    }

    /** Returns tokens that the engine may hold but there was no memory to remember. */
    long forgotten() {
        return forgotten;
    }

    /** Begins a step: what is used in it is newer than all before. */
    void tick() {
        clock++;
    }

    // ---- what is held

    /** Returns whether what is pinned or idle is still there: it is not if the engine restarted since. */
    boolean believes(int o) {
        return owners.idle(o) || stamp(o) > lost;
    }

    /** Returns how many tokens were evicted from the tail of what is pinned or idle. */
    int cut(int o) {
        return o == oldestIdle ? cut : 0;
    }

    /** Returns when the owner last used its run, by this shadow's clock. */
    long stamp(int o) {
        return whole(owners.stamp(o));
    }

    /** Returns the last stamp with this low half: what was not used for 2^32 steps would look young again. */
    private long whole(int stamp) {
        return clock - Integer.toUnsignedLong((int) clock - stamp);
    }

    // ---- requests come and go

    /** Pins a run once more, which thereby is held; false, changing nothing, if there is no room. */
    boolean pin(int run) {
        int o = tree.ownerOf(run, slot);
        if (o == NONE) {
            o = tree.addOwner(run, slot);
            if (o == NONE) {
                return false;
            }
        }
        if (!owners.pinned(o)) {
            unlink(o);
            owners.pin(o, 0);
        }
        if (owners.pins(o) == 0) {
            pinned += tree.tokens(run);
        }
        owners.pin(o, owners.pins(o) + 1);
        owners.stamp(o, (int) clock);
        return true;
    }

    /** Returns whether one request alone uses a run. */
    boolean pinnedOnce(int run) {
        int o = tree.ownerOf(run, slot);
        return o != NONE && owners.pinned(o) && owners.pins(o) == 1;
    }

    /** Tells that a pinned run grew, or that a request uses more than could be remembered. */
    void pinMore(int tokens) {
        pinned += tokens;
    }

    /** Takes back one pin of a run; the last makes it idle. Those of a prompt come from its tail to its head. */
    void unpin(int run) {
        int o = tree.ownerOf(run, slot);
        if (o == NONE || !owners.pinned(o) || owners.pins(o) == 0) {
            throw new IllegalStateException("run: " + run + " (expected: pinned at " + slot + ")");
        }
        int pins = owners.pins(o) - 1;
        owners.pin(o, pins);
        if (pins > 0) {
            return;
        }
        pinned -= tree.tokens(run);
        if (stamp(o) <= lost) {
            tree.removeOwner(o);
            return;
        }
        owners.stamp(o, (int) clock);
        owners.toIdle(o);
        owners.garbage(o, (int) fresh);
        fresh = 0;
        append(o);
        idle += tree.tokens(run);
    }

    /**
     * Turns what a request used beyond the runs it pinned into garbage.
     *
     * @param prompt tokens of its prompt that could not be remembered
     * @param output tokens of the answer
     */
    void discard(int prompt, int output) {
        pinned -= prompt;
        // More than the capacity empties the cache just as well.
        long tokens = Math.min((long) prompt + Math.max(output, 0), capacity);
        fresh += tokens;
        idle += tokens;
    }

    /** Evicts what does not fit, from the old end, and forgets ghosts beyond another capacity. */
    void evict() {
        long excess = pinned + idle + forgotten - capacity;
        if (excess > 0) {
            long part = Math.min(excess, forgotten);
            forgotten -= part;
            excess -= part;
        }
        while (excess > 0 && oldestIdle != NONE) {
            int o = oldestIdle;
            int garbage = owners.garbage(o);
            int run = tree.tokens(owners.run(o)) - cut;
            if (excess >= (long) garbage + run) {
                excess -= (long) garbage + run;
                toGhost(o);
            } else {
                int part = (int) Math.min(excess, garbage);
                owners.garbage(o, garbage - part);
                cut += (int) (excess - part);
                idle -= excess;
                excess = 0;
            }
        }
        if (excess > 0) {
            long part = Math.min(excess, fresh);
            fresh -= part;
            idle -= part;
        }
        while (ghosts > capacity) {
            drop();
        }
    }

    /** Evicts what is idle since a step or longer, of whose stamp the low half is given. */
    void evicted(int stamp) {
        long last = whole(stamp);
        forgotten = 0;
        while (oldestIdle != NONE && stamp(oldestIdle) <= last) {
            toGhost(oldestIdle);
        }
        while (ghosts > capacity) {
            drop();
        }
    }

    /** Empties the cache and its history. What is pinned stays so until its requests end, but is not believed held. */
    void forget() {
        while (oldest != NONE) {
            drop();
        }
        idle = 0;
        fresh = 0;
        forgotten = 0;
        lost = clock;
    }

    // ---- memory

    /** Returns how well this list can do without its oldest entry, compared with others: history first. */
    double dispensable() {
        return ghosts > 0 ? 1 + (double) ghosts / capacity : (double) (pinned + idle) / capacity;
    }

    /** Forgets the oldest entry, if there is any. */
    void drop() {
        int o = oldest;
        if (o == NONE) {
            return;
        }
        if (owners.idle(o)) {
            int tokens = tree.tokens(owners.run(o)) - cut + owners.garbage(o);
            idle -= tokens;
            forgotten += tokens;
            oldestIdle = owners.newer(o);
            cut = 0;
        } else {
            ghosts -= tree.tokens(owners.run(o));
        }
        cutOut(o);
        tree.removeOwner(o);
    }

    /**
     * Tells that a run was split.
     *
     * @param tail this endpoint's record of the run as it was, which is its tail now
     * @param head a new record of the head
     */
    void split(int tail, int head) {
        owners.copy(tail, head);
        if (owners.pinned(tail)) {
            return;
        }
        int newer = owners.newer(tail);
        owners.older(head, tail);
        owners.newer(head, newer);
        owners.newer(tail, head);
        if (newer == NONE) {
            newest = head;
        } else {
            owners.older(newer, head);
        }
        int tokens = tree.tokens(owners.run(tail));
        if (tail == oldestIdle && cut >= tokens) {
            owners.toGhost(tail);
            ghosts += tokens;
            cut -= tokens;
            oldestIdle = head;
        }
    }

    // ---- the list

    /** Returns the oldest entry, whether ghost or idle. */
    int oldest() {
        return oldest;
    }

    int oldestIdle() {
        return oldestIdle;
    }

    int newest() {
        return newest;
    }

    int cut() {
        return cut;
    }

    long fresh() {
        return fresh;
    }

    private void toGhost(int o) {
        int tokens = tree.tokens(owners.run(o));
        idle -= tokens - cut + owners.garbage(o);
        ghosts += tokens;
        cut = 0;
        owners.garbage(o, 0);
        owners.toGhost(o);
        oldestIdle = owners.newer(o);
    }

    /** Takes an entry out of the list, but not the garbage before it. */
    private void unlink(int o) {
        int tokens = tree.tokens(owners.run(o));
        if (owners.ghost(o)) {
            ghosts -= tokens;
        } else {
            int newer = owners.newer(o);
            int garbage = owners.garbage(o);
            owners.garbage(o, 0);
            if (newer == NONE) {
                fresh += garbage;
            } else {
                owners.garbage(newer, owners.garbage(newer) + garbage);
            }
            idle -= tokens;
            if (o == oldestIdle) {
                idle += cut;
                cut = 0;
                oldestIdle = newer;
            }
        }
        cutOut(o);
    }

    private void append(int o) {
        owners.older(o, newest);
        owners.newer(o, NONE);
        if (newest == NONE) {
            oldest = o;
        } else {
            owners.newer(newest, o);
        }
        newest = o;
        if (oldestIdle == NONE) {
            oldestIdle = o;
        }
    }

    private void cutOut(int o) {
        int older = owners.older(o);
        int newer = owners.newer(o);
        if (older == NONE) {
            oldest = newer;
        } else {
            owners.newer(older, newer);
        }
        if (newer == NONE) {
            newest = older;
        } else {
            owners.older(newer, older);
        }
    }
}
