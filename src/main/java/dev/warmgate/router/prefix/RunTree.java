package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * The tree of prompts: runs of blocks without a branch, and who owns each. Confined to the pool's lock.
 */
final class RunTree {
    /*
     * A run is 28 bytes, an ownership 12, both in records. A freed run's number must not be reused while an entry of the
     * block table can still name it, so it waits in limbo until the table's hand has passed every slot: runs freed during
     * one pass are reused after the end of the next.
     */

    static final int NONE = Records.NONE;

    // Fields of a run. A free or dead run keeps only its link, in the first.
    private static final int PARENT = Records.LINK;
    private static final int START = 1;
    private static final int END = 2;
    private static final int CHILDREN = 3;
    private static final int OWNERS = 4;
    private static final int POPULARITY = 5;
    private static final int POPULAR_AT = 6;
    private static final int RUN_INTS = 7;

    // Fields of an ownership: the next of the same run, and a long.
    private static final int NEXT = Records.LINK;
    private static final int LOW = 1;
    private static final int HIGH = 2;
    private static final int OWNERSHIP_INTS = 3;

    /** Popularity decays with this time constant; see docs/routing.md. */
    private static final double POPULARITY_NANOS = 60e9;

    /** Popularity is dated in units of 2^24 ns, about 17 ms, so that an int lasts for years. */
    private static final int POPULARITY_SHIFT = 24;

    /** What the number of a freed run is worth to the sweep, in blocks: short runs must not fill the limbo. */
    private static final int RUN_WEIGHT = 4;

    private final Records runs;
    private final Records ownerships;

    /** One bit per run: freed, and perhaps still named by the table. */
    private final long[] dead;

    private int limboYoung = NONE;
    private int limboOld = NONE;
    private int limbo;

    private int blocks;
    private int created;
    private int freed;
    private int ownersSeen;

    RunTree(long runBytes, long ownershipBytes) {
        // A bit per run of 28 bytes for the dead.
        runs = new Records(RUN_INTS, runBytes - runBytes / 200, BlockTable.MAX_RUNS);
        ownerships = new Records(OWNERSHIP_INTS, ownershipBytes, Integer.MAX_VALUE);
        dead = new long[(runs.limit() + 63) >>> 6];
    }

    long bytes() {
        return runs.bytes() + ownerships.bytes() + (long) Long.BYTES * dead.length;
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

    /** Returns how much of the room for runs and ownerships is used, whichever is scarcer; without what is in limbo. */
    double fill() {
        return Math.max((double) liveRuns() / runs.limit(), (double) ownerships.live() / ownerships.limit());
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
    void extend(int run) {
        runs.add(run, END, 1);
        blocks++;
        created++;
    }

    /** Returns whether a run can go on in place: a leaf that nobody else owns. */
    boolean extensible(int run, int slot) {
        int o = runs.get(run, OWNERS);
        return runs.get(run, CHILDREN) == 0
                && o != NONE
                && ownerships.get(o, NEXT) == NONE
                && CacheAges.slot(ownership(o)) == slot;
    }

    /**
     * Makes the first part of a run a run of its own and returns it; {@link #NONE} if there is no room. The tail keeps its
     * number, because its children point to it. The caller points the head's blocks to the head.
     */
    int split(int run, int at) {
        int parent = parent(run);
        int head = create(start(run), parent);
        if (head == NONE) {
            return NONE;
        }
        for (int o = firstOwner(run); o != NONE; o = nextOwner(o)) {
            if (addOwner(head, ownership(o)) == NONE) {
                release(head);
                return NONE;
            }
        }
        if (parent != NONE) {
            runs.add(parent, CHILDREN, -1);
        }
        runs.set(run, PARENT, head);
        runs.set(head, CHILDREN, 1);
        runs.set(head, END, at);
        runs.set(run, START, at);
        return head;
    }

    /** Frees a run that has no children, and its parents as far as they have become useless with it. */
    void release(int run) {
        int gone = run;
        while (gone != NONE && runs.get(gone, CHILDREN) == 0) {
            for (int o = firstOwner(gone); o != NONE; ) {
                int next = nextOwner(o);
                ownerships.free(o);
                o = next;
            }
            int parent = parent(gone);
            int length = end(gone) - start(gone);
            blocks -= length;
            freed += length + RUN_WEIGHT;
            dead[gone >>> 6] |= 1L << gone;
            runs.set(gone, OWNERS, NONE);
            runs.set(gone, PARENT, limboYoung);
            limboYoung = gone;
            limbo++;
            if (parent != NONE) {
                runs.add(parent, CHILDREN, -1);
            }
            gone = parent != NONE && firstOwner(parent) == NONE ? parent : NONE;
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

    // ---- ownerships

    int firstOwner(int run) {
        return runs.get(run, OWNERS);
    }

    int nextOwner(int o) {
        return ownerships.get(o, NEXT);
    }

    long ownership(int o) {
        return ((long) ownerships.get(o, HIGH) << 32) | (ownerships.get(o, LOW) & 0xFFFF_FFFFL);
    }

    void ownership(int o, long value) {
        ownerships.set(o, HIGH, (int) (value >>> 32));
        ownerships.set(o, LOW, (int) value);
    }

    int ownerOf(int run, int slot) {
        int o = firstOwner(run);
        while (o != NONE && ownerships.get(o, HIGH) >>> 16 != slot) {
            o = nextOwner(o);
        }
        return o;
    }

    /** Returns the new ownership's number, or {@link #NONE} if there is no room. */
    int addOwner(int run, long ownership) {
        int o = ownerships.allocate();
        if (o != NONE) {
            ownership(o, ownership);
            ownerships.set(o, NEXT, firstOwner(run));
            runs.set(run, OWNERS, o);
        }
        return o;
    }

    /** Drops owners that are too old, the run too if nobody is left, and returns the age of the youngest. */
    double dropOld(int run, CacheAges ages) {
        ownersSeen = 0;
        double youngest = Double.POSITIVE_INFINITY;
        int before = NONE;
        for (int o = firstOwner(run); o != NONE; ) {
            int next = nextOwner(o);
            double age = ages.share(ownership(o));
            youngest = Math.min(youngest, age);
            ownersSeen++;
            if (ages.remembered(age)) {
                before = o;
            } else {
                if (before == NONE) {
                    runs.set(run, OWNERS, next);
                } else {
                    ownerships.set(before, NEXT, next);
                }
                ownerships.free(o);
            }
            o = next;
        }
        if (before == NONE) {
            release(run);
        }
        return youngest;
    }

    /** Returns how many owners the last {@link #dropOld} looked at. */
    int ownersSeen() {
        return ownersSeen;
    }

    // ---- check, for tests

    /** Throws if the structure contradicts itself. Takes time in proportion to everything. */
    void check(BlockTable table) {
        int[] named = new int[runs.limit()];
        table.countByRun(named);
        var waiting = new boolean[runs.limit()];
        int live = 0;
        int owned = 0;
        int blocksSeen = 0;
        int[] children = new int[runs.limit()];
        for (int run = runs.used(); run < named.length; run++) {
            expect(named[run] == 0, "entries of a run that never was", run);
        }
        int inLimbo = markLimbo(limboYoung, waiting) + markLimbo(limboOld, waiting);
        expect(inLimbo == limbo, "runs in limbo", inLimbo);
        for (int run = 0; run < runs.used(); run++) {
            expect(dead(run) == waiting[run], "dead but not in limbo", run);
            if (dead(run) || end(run) == 0) {
                expect(dead(run) || named[run] == 0, "entries of a free run", run);
                continue;
            }
            live++;
            int length = end(run) - start(run);
            blocksSeen += length;
            expect(length > 0 && named[run] == length, "entries of a run", run);
            int parent = parent(run);
            expect(start(run) == (parent == NONE ? 0 : end(parent)), "start of a run", run);
            if (parent != NONE) {
                expect(!dead(parent), "parent of a run", run);
                children[parent]++;
            }
            owned += checkOwners(run, parent);
        }
        for (int run = 0; run < runs.used(); run++) {
            if (!dead(run) && end(run) > 0) {
                expect(children[run] == runs.get(run, CHILDREN), "children of a run", run);
                expect(children[run] > 0 || firstOwner(run) != NONE, "a leaf without owners", run);
            }
        }
        expect(live == liveRuns(), "live runs", live);
        expect(blocksSeen == blocks, "blocks", blocksSeen);
        expect(owned == ownerships.live(), "ownerships", owned);
    }

    private int markLimbo(int first, boolean[] waiting) {
        int count = 0;
        for (int run = first; run != NONE; run = runs.get(run, PARENT)) {
            expect(!waiting[run], "twice in limbo", run);
            waiting[run] = true;
            count++;
        }
        return count;
    }

    private int checkOwners(int run, int parent) {
        int count = 0;
        var slots = new int[8];
        for (int o = firstOwner(run); o != NONE; o = nextOwner(o)) {
            if (count == slots.length) {
                slots = Arrays.copyOf(slots, count * 2);
            }
            int slot = CacheAges.slot(ownership(o));
            slots[count++] = slot;
            int above = parent == NONE ? NONE : ownerOf(parent, slot);
            expect(above == NONE || CacheAges.stamp(ownership(above)) >= CacheAges.stamp(ownership(o)), "age", run);
        }
        long distinct = Arrays.stream(slots, 0, count).distinct().count();
        expect(distinct == count, "an owner twice", run);
        return count;
    }

    private static void expect(boolean condition, String what, int number) {
        if (!condition) {
            throw new IllegalStateException(what + ": " + number);
        }
    }
}
