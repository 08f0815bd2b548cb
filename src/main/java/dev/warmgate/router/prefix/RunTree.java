package dev.warmgate.router.prefix;

/**
 * The tree of prompts: runs of blocks without a branch, and who owns each. Confined to the pool's lock.
 */
final class RunTree {
    /*
     * A run is 40 bytes; its owners are a chain (Owners) and so are its blocks (BlockStore). It is found from its parent and
     * its first block (RunTable). A block that is looked for is compared at one place only, with the 32 bits kept of it, so
     * one that is new looks known with a probability of 2^-32 for each child of the run above it.
     */

    static final int NONE = Records.NONE;

    // Fields of a run.
    private static final int PARENT = Records.LINK;
    private static final int START = 1;
    private static final int END = 2;
    private static final int TOKENS = 3;
    private static final int CHILDREN = 4;
    private static final int OWNERS = 5;
    private static final int POPULARITY = 6;
    private static final int POPULAR_AT = 7;

    /** The fingerprint of the first block. */
    private static final int FIRST = 8;

    /** The record of the last block's fingerprint. */
    private static final int LAST = 9;

    private static final int RUN_INTS = 10;

    /** What the table takes of the bytes for runs; it is 0.7 full when the runs are. */
    private static final double TABLE_SHARE = 0.215;

    /** Popularity decays with this time constant; see docs/routing.md. */
    private static final double POPULARITY_NANOS = 60e9;

    /** Popularity is dated in units of 2^24 ns, about 17 ms, so that an int lasts for years. */
    private static final int POPULARITY_SHIFT = 24;

    private final Records runs;
    private final RunTable table;
    private final BlockStore store;
    private final Owners owners;

    private int blocks;
    private int created;

    RunTree(long runBytes, long blockBytes, long ownerBytes) {
        long tableBytes = (long) (runBytes * TABLE_SHARE);
        table = new RunTable(tableBytes);
        runs = new Records(RUN_INTS, runBytes - tableBytes, RunTable.MAX_RUNS);
        store = new BlockStore(blockBytes);
        owners = new Owners(ownerBytes);
    }

    long bytes() {
        return table.bytes() + runs.bytes() + store.bytes() + owners.bytes();
    }

    int blocks() {
        return blocks;
    }

    int liveRuns() {
        return runs.live();
    }

    /** Returns the fill of whatever is fullest, from 0 to 1. */
    double fill() {
        double runsAndOwners = Math.max(share(runs.live(), runs.limit()), share(owners.live(), owners.limit()));
        return Math.max(
                runsAndOwners, Math.max(share(store.live(), store.limit()), share(table.entries(), table.limit())));
    }

    Owners owners() {
        return owners;
    }

    /** Returns the number that all runs are below. */
    int runsEnd() {
        return runs.used();
    }

    /** Returns runs and records of blocks that came since the last call: work for the sweep. */
    int takeCreated() {
        int taken = created;
        created = 0;
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

    /** Returns the run below another, or below none, that begins with a block; {@link #NONE} if there is none. */
    int child(int parent, int fingerprint) {
        int run = table.get(key(parent, fingerprint));
        return run != NONE && parent(run) == parent && runs.get(run, FIRST) == fingerprint ? run : NONE;
    }

    /** Returns up to where a run agrees with a prompt that agrees with its first block. */
    int agrees(int run, PromptBlocks prompt, long namespace) {
        int start = start(run);
        int end = end(run);
        int limit = Math.min(end, prompt.count());
        int record = runs.get(run, LAST);
        for (int skipped = (end - 1) / BlockStore.BLOCKS - (limit - 1) / BlockStore.BLOCKS; skipped > 0; skipped--) {
            record = store.before(record);
        }
        // A hash covers the whole past, so where one agrees, all before it do: mostly the last, and then this was all.
        if (store.get(record, limit - 1) == prompt.fingerprint(limit - 1, namespace)) {
            return limit;
        }
        int k = Math.max(start, limit - 1 - (limit - 1) % BlockStore.BLOCKS);
        while (k > start && store.get(record, k) != prompt.fingerprint(k, namespace)) {
            record = store.before(record);
            k = Math.max(start, k - BlockStore.BLOCKS);
        }
        k++;
        while (k % BlockStore.BLOCKS != 0 && k < limit && store.get(record, k) == prompt.fingerprint(k, namespace)) {
            k++;
        }
        return k;
    }

    /** Returns a new run without blocks or owners, or {@link #NONE} if there is no room. */
    int create(int at, int parent, int fingerprint) {
        int run = runs.allocate();
        if (run == NONE) {
            return NONE;
        }
        if (!table.put(key(parent, fingerprint), run)) {
            runs.free(run);
            return NONE;
        }
        begin(run, at, parent, fingerprint);
        if (parent != NONE) {
            runs.add(parent, CHILDREN, 1);
        }
        return run;
    }

    private void begin(int run, int at, int parent, int fingerprint) {
        runs.set(run, START, at);
        runs.set(run, END, at);
        runs.set(run, TOKENS, 0);
        runs.set(run, PARENT, parent);
        runs.set(run, CHILDREN, 0);
        runs.set(run, OWNERS, NONE);
        runs.set(run, POPULARITY, 0);
        runs.set(run, FIRST, fingerprint);
        runs.set(run, LAST, NONE);
        created++;
    }

    /** Adds a prompt's blocks to the end of a run, as far as there is room, and returns where it ends now. */
    int extend(int run, PromptBlocks prompt, long namespace, int to) {
        int from = end(run);
        int start = start(run);
        int record = runs.get(run, LAST);
        int k = from;
        while (k < to) {
            if (k == start || k % BlockStore.BLOCKS == 0) {
                int next = store.append(record);
                if (next == NONE) {
                    break;
                }
                record = next;
                created++;
            }
            store.set(record, k, prompt.fingerprint(k, namespace));
            k++;
        }
        runs.set(run, LAST, record);
        runs.set(run, END, k);
        runs.add(run, TOKENS, prompt.tokens(k) - prompt.tokens(from));
        blocks += k - from;
        return k;
    }

    /** Returns whether a run can go on in place: a leaf that nobody else owns. */
    boolean extensible(int run, int slot) {
        int o = firstOwner(run);
        return children(run) == 0 && o != NONE && owners.next(o) == NONE && owners.slot(o) == slot;
    }

    /**
     * Makes the first part of a run a run of its own and returns it; {@link #NONE} if there is no room for it and its
     * owners. The tail keeps its number, because its children and requests in flight point to it. The caller adds the
     * head's owners.
     */
    int split(int run, int at, int headTokens) {
        int count = 0;
        for (int o = firstOwner(run); o != NONE; o = owners.next(o)) {
            count++;
        }
        if (!owners.room(count) || store.live() == store.limit()) {
            return NONE;
        }
        int head = runs.allocate();
        if (head == NONE) {
            return NONE;
        }
        int after = NONE;
        int record = runs.get(run, LAST);
        for (int skip = BlockStore.records(at, end(run)) - 1; skip > 0; skip--) {
            after = record;
            record = store.before(record);
        }
        int atHead = runs.get(run, FIRST);
        int atTail = store.get(record, at);
        if (!table.put(key(head, atTail), run)) {
            runs.free(head);
            return NONE;
        }
        int parent = parent(run);
        table.put(key(parent, atHead), head);
        begin(head, start(run), parent, atHead);
        if (at % BlockStore.BLOCKS == 0) {
            runs.set(head, LAST, store.before(record));
            store.before(record, NONE);
        } else {
            runs.set(head, LAST, record);
            int copy = store.copy(record);
            if (after == NONE) {
                runs.set(run, LAST, copy);
            } else {
                store.before(after, copy);
            }
        }
        int tokens = Math.clamp(headTokens, 0, tokens(run));
        runs.set(head, CHILDREN, 1);
        runs.set(head, END, at);
        runs.set(head, TOKENS, tokens);
        runs.set(run, PARENT, head);
        runs.set(run, START, at);
        runs.set(run, FIRST, atTail);
        runs.add(run, TOKENS, -tokens);
        return head;
    }

    /** Frees a run that has neither children nor owners. */
    void release(int run) {
        int parent = parent(run);
        int start = start(run);
        int end = end(run);
        table.remove(key(parent, runs.get(run, FIRST)), run);
        store.free(runs.get(run, LAST), BlockStore.records(start, end));
        blocks -= end - start;
        if (parent != NONE) {
            runs.add(parent, CHILDREN, -1);
        }
        // For tests: a free run is empty.
        runs.set(run, END, 0);
        runs.free(run);
    }

    private static double share(int live, int limit) {
        return (double) live / limit;
    }

    private static long key(int parent, int fingerprint) {
        return XxHash64.mix(((long) parent << 32) | Integer.toUnsignedLong(fingerprint));
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

    /** Counts, by run, from how many entries of the table it is found, and adds up the records of all runs. */
    int countFound(int[] found) {
        table.countByRun(found);
        int records = 0;
        for (int run = 0; run < runs.used(); run++) {
            records += end(run) == 0 ? 0 : BlockStore.records(start(run), end(run));
        }
        return store.live() - records;
    }

    /** Returns how many records of blocks a run has. */
    int records(int run) {
        int count = 0;
        for (int record = runs.get(run, LAST); record != NONE; record = store.before(record)) {
            count++;
        }
        return count;
    }
}
