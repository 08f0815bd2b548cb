package dev.warmgate.router.prefix;

/**
 * The tree of prompts: runs of blocks without a branch, and who owns each. Confined to the pool's lock.
 */
final class RunTree {
    /*
     * A run is 32 bytes and its owners are a chain (Owners). A freed run's number must not be reused while an entry of the
     * block table can still name it, so it waits in limbo until the table's hand has passed every slot: runs freed during
     * one pass are reused after the end of the next.
     */

    static final int NONE = Records.NONE;

    // Fields of a run. A free or dead run keeps only its link, in the first.
    private static final int PARENT = Records.LINK;
    private static final int START = 1;
    private static final int END = 2;
    private static final int TOKENS = 3;
    private static final int CHILDREN = 4;
    private static final int OWNERS = 5;
    private static final int POPULARITY = 6;
    private static final int POPULAR_AT = 7;
    private static final int RUN_INTS = 8;

    /** Popularity decays with this time constant; see docs/routing.md. */
    private static final double POPULARITY_NANOS = 60e9;

    /** Popularity is dated in units of 2^24 ns, about 17 ms, so that an int lasts for years. */
    private static final int POPULARITY_SHIFT = 24;

    /** What the number of a freed run is worth to the sweep, in blocks: short runs must not fill the limbo. */
    private static final int RUN_WEIGHT = 24;

    private final Records runs;
    private final Owners owners;

    /** One bit per run: freed, and perhaps still named by the table. */
    private final long[] dead;

    private int limboYoung = NONE;
    private int limboOld = NONE;
    private int limbo;

    private int blocks;
    private int created;
    private int freed;

    RunTree(long runBytes, long ownerBytes) {
        // A bit per run of 32 bytes for the dead.
        runs = new Records(RUN_INTS, runBytes - runBytes / 200, BlockTable.MAX_RUNS);
        owners = new Owners(ownerBytes);
        dead = new long[(runs.limit() + 63) >>> 6];
    }

    long bytes() {
        return runs.bytes() + owners.bytes() + (long) Long.BYTES * dead.length;
    }

    /** Returns blocks of live runs. */
    int blocks() {
        return blocks;
    }

    int liveRuns() {
        return runs.live() - limbo;
    }

    /** Returns freed runs whose numbers the table may still name. */
    int limbo() {
        return limbo;
    }

    /** Returns how many runs there can be. */
    int runLimit() {
        return runs.limit();
    }

    Owners owners() {
        return owners;
    }

    /** Returns the number that all runs are below. */
    int runsEnd() {
        return runs.used();
    }

    /** Returns runs and blocks that came since the last call: work for the sweep. */
    int takeCreated() {
        int taken = created;
        created = 0;
        return taken;
    }

    /** Returns blocks that were freed since the last call, whose entries the sweep must find; a run counts as some more. */
    int takeFreed() {
        int taken = freed;
        freed = 0;
        return taken;
    }

    // ---- runs

    int start(int run) {
        return runs.get(run, START);
    }

    int end(int run) {
        return runs.get(run, END);
    }

    int tokens(int run) {
        return runs.get(run, TOKENS);
    }

    int children(int run) {
        return runs.get(run, CHILDREN);
    }

    int parent(int run) {
        return runs.get(run, PARENT);
    }

    boolean dead(int run) {
        return (dead[run >>> 6] & (1L << run)) != 0;
    }

    /** Returns whether a live run covers the block at this depth. */
    boolean covers(int run, int depth) {
        return !dead(run) && start(run) <= depth && depth < end(run);
    }

    /** Returns a new run without blocks or owners, or {@link #NONE} if there is no room. */
    int create(int at, int parent) {
        int run = runs.allocate();
        if (run == NONE) {
            return NONE;
        }
        runs.set(run, START, at);
        runs.set(run, END, at);
        runs.set(run, TOKENS, 0);
        runs.set(run, PARENT, parent);
        runs.set(run, CHILDREN, 0);
        runs.set(run, OWNERS, NONE);
        runs.set(run, POPULARITY, 0);
        if (parent != NONE) {
            runs.add(parent, CHILDREN, 1);
        }
        created++;
        return run;
    }

    /** Moves a run's end one block on. */
    void extend(int run, int tokens) {
        runs.add(run, END, 1);
        runs.add(run, TOKENS, tokens);
        blocks++;
        created++;
    }

    /** Returns whether a run can go on in place: a leaf that nobody else owns. */
    boolean extensible(int run, int slot) {
        int o = firstOwner(run);
        return children(run) == 0 && o != NONE && owners.next(o) == NONE && owners.slot(o) == slot;
    }

    /**
     * Makes the first part of a run a run of its own and returns it; {@link #NONE} if there is no room for it and its
     * owners. The tail keeps its number, because its children and requests in flight point to it. The caller adds the
     * head's owners and points its blocks to it.
     */
    int split(int run, int at, int headTokens) {
        int count = 0;
        for (int o = firstOwner(run); o != NONE; o = owners.next(o)) {
            count++;
        }
        int parent = parent(run);
        int head = owners.room(count) ? create(start(run), parent) : NONE;
        if (head == NONE) {
            return NONE;
        }
        if (parent != NONE) {
            runs.add(parent, CHILDREN, -1);
        }
        runs.set(run, PARENT, head);
        runs.set(head, CHILDREN, 1);
        runs.set(head, END, at);
        runs.set(run, START, at);
        int tokens = Math.clamp(headTokens, 0, tokens(run));
        runs.set(head, TOKENS, tokens);
        runs.add(run, TOKENS, -tokens);
        return head;
    }

    /** Frees a run that has neither children nor owners. */
    void release(int run) {
        int parent = parent(run);
        int length = end(run) - start(run);
        blocks -= length;
        freed += length + RUN_WEIGHT;
        dead[run >>> 6] |= 1L << run;
        runs.set(run, PARENT, limboYoung);
        limboYoung = run;
        limbo++;
        if (parent != NONE) {
            runs.add(parent, CHILDREN, -1);
        }
    }

    /** Tells that the table's hand has passed every slot since the last call. */
    void passed() {
        while (limboOld != NONE) {
            int run = limboOld;
            limboOld = runs.get(run, PARENT);
            dead[run >>> 6] &= ~(1L << run);
            // A free run covers nothing, so its number is harmless even where it should not be.
            runs.set(run, END, 0);
            runs.free(run);
            limbo--;
        }
        limboOld = limboYoung;
        limboYoung = NONE;
    }

    // ---- popularity

    double popularity(int run, long nanoTime) {
        float value = Float.intBitsToFloat(runs.get(run, POPULARITY));
        if (value == 0) {
            return 0;
        }
        int units = (int) (nanoTime >> POPULARITY_SHIFT) - runs.get(run, POPULAR_AT);
        return value * Math.exp(-((long) units << POPULARITY_SHIFT) / POPULARITY_NANOS);
    }

    void addPopularity(int run, long nanoTime) {
        float value = (float) (popularity(run, nanoTime) + 1);
        runs.set(run, POPULARITY, Float.floatToRawIntBits(value));
        runs.set(run, POPULAR_AT, (int) (nanoTime >> POPULARITY_SHIFT));
    }

    // ---- owners

    int firstOwner(int run) {
        return runs.get(run, OWNERS);
    }

    int ownerOf(int run, int slot) {
        int o = firstOwner(run);
        while (o != NONE && owners.slot(o) != slot) {
            o = owners.next(o);
        }
        return o;
    }

    /** Returns a new owner's record, or {@link #NONE} if there is no room. */
    int addOwner(int run, int slot) {
        int o = owners.allocate(run, slot, firstOwner(run));
        if (o != NONE) {
            runs.set(run, OWNERS, o);
        }
        return o;
    }

    /** Removes an owner, and the run if it was the last: whoever held what comes after it held the run too. */
    void removeOwner(int o) {
        int run = owners.run(o);
        int next = owners.next(o);
        int first = firstOwner(run);
        if (first == o) {
            runs.set(run, OWNERS, next);
            if (next == NONE) {
                release(run);
            }
        } else {
            int before = first;
            while (owners.next(before) != o) {
                before = owners.next(before);
            }
            owners.next(before, next);
        }
        owners.free(o);
    }

    // ---- for tests

    /** Counts the runs that wait for their numbers to be forgotten, by number. */
    void countLimbo(int[] waiting) {
        for (int run = limboYoung; run != NONE; run = runs.get(run, PARENT)) {
            waiting[run]++;
        }
        for (int run = limboOld; run != NONE; run = runs.get(run, PARENT)) {
            waiting[run]++;
        }
    }
}
