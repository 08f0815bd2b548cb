package dev.warmgate.router.prefix;

/** Looks into an index for tests of other packages. */
public final class IndexChecks {
    private static final int NONE = Records.NONE;

    /** Where a run that is evicted in part is split, its tail adds to the history of an endpoint that nobody uses now. */
    private static final int MOST_RUN_TOKENS = 256 * 128;

    private final RunTree tree;
    private final Owners owners;

    /** By owner: the place in its endpoint's list from 1, 0 if it is in none. */
    private final int[] places;

    private IndexChecks(PrefixIndex index) {
        tree = index.tree;
        owners = tree.owners();
        places = new int[owners.used()];
    }

    /** Throws if the index contradicts itself. Takes time in proportion to everything. */
    public static void check(PrefixIndex index) {
        new IndexChecks(index).check(index.shadows);
    }

    /** Throws if the index contradicts itself or anything is in use at an endpoint. */
    public static void checkNothingPinned(PrefixIndex index) {
        int inUse = new IndexChecks(index).check(index.shadows);
        expect(inUse == 0, "owners in use", inUse);
        for (int slot = 0; slot < index.shadows.length; slot++) {
            expect(index.pinnedTokens(slot) == 0, "pinned tokens", slot);
        }
    }

    /** Returns how many owners are pinned. */
    private int check(CacheShadow[] shadows) {
        int listed = 0;
        for (var shadow : shadows) {
            listed += checkList(shadow);
        }
        var pinned = new long[shadows.length];
        int inUse = checkRuns(pinned);
        expect(listed + inUse == owners.live(), "owners", listed + inUse);
        for (int slot = 0; slot < pinned.length; slot++) {
            expect(pinned[slot] <= shadows[slot].pinned(), "pinned tokens", slot);
        }
        return inUse;
    }

    private int checkList(CacheShadow shadow) {
        int place = 0;
        long ghosts = 0;
        long idle = shadow.fresh() - shadow.cut();
        boolean idles = false;
        int before = NONE;
        for (int o = shadow.oldest(); o != NONE; before = o, o = owners.newer(o)) {
            idles |= o == shadow.oldestIdle();
            expect(idles ? owners.idle(o) : owners.ghost(o), "state of an entry", o);
            expect(owners.older(o) == before, "link back", o);
            expect(before == NONE || shadow.stamp(before) <= shadow.stamp(o), "stamp of an entry", o);
            int tokens = tree.tokens(owners.run(o));
            ghosts += idles ? 0 : tokens;
            idle += idles ? tokens + owners.garbage(o) : 0;
            expect(owners.garbage(o) >= 0 && (idles || owners.garbage(o) == 0), "garbage", o);
            places[o] = ++place;
        }
        expect(before == shadow.newest() && idles == (shadow.oldestIdle() != NONE), "ends of a list", before);
        int cut = shadow.cut();
        expect(cut == 0 || (cut > 0 && cut < tree.tokens(owners.run(shadow.oldestIdle()))), "cut", cut);
        expect(cut == 0 || owners.garbage(shadow.oldestIdle()) == 0, "garbage older than what is gone", cut);
        expect(ghosts == shadow.ghosts() && ghosts <= shadow.capacity() + MOST_RUN_TOKENS, "ghosts", place);
        expect(idle == shadow.idle() && shadow.fresh() >= 0, "idle tokens", place);
        expect(shadow.pinned() >= 0 && shadow.forgotten() >= 0, "tokens", place);
        long evictable = idle + shadow.forgotten();
        expect(evictable == 0 || shadow.pinned() + evictable <= shadow.capacity(), "capacity", place);
        return place;
    }

    /** Returns how many owners are pinned, and adds up their tokens. */
    private int checkRuns(long[] pinned) {
        int[] found = new int[tree.runsEnd()];
        int[] children = new int[tree.runsEnd()];
        expect(tree.countFound(found) == 0, "records of blocks in use by no run", 0);
        int live = 0;
        int blocks = 0;
        int inUse = 0;
        for (int run = 0; run < tree.runsEnd(); run++) {
            expect(found[run] == (gone(run) ? 0 : 1), "entries of a run", run);
            if (gone(run)) {
                continue;
            }
            live++;
            int length = tree.end(run) - tree.start(run);
            blocks += length;
            expect(length > 0, "length of a run", run);
            expect(tree.records(run) == BlockStore.records(tree.start(run), tree.end(run)), "records of a run", run);
            expect(tree.tokens(run) >= length, "tokens of a run", run);
            int parent = tree.parent(run);
            expect(tree.start(run) == (parent == NONE ? 0 : tree.end(parent)), "start of a run", run);
            if (parent != NONE) {
                expect(!gone(parent), "parent of a run", run);
                children[parent]++;
            }
            expect(tree.firstOwner(run) != NONE, "a run without owners", run);
            inUse += checkOwners(run, pinned);
        }
        for (int run = 0; run < tree.runsEnd(); run++) {
            expect(gone(run) || children[run] == tree.children(run), "children of a run", run);
        }
        expect(live == tree.liveRuns(), "live runs", live);
        expect(blocks == tree.blocks(), "blocks", blocks);
        return inUse;
    }

    private int checkOwners(int run, long[] pinned) {
        int inUse = 0;
        for (int o = tree.firstOwner(run); o != NONE; o = owners.next(o)) {
            int slot = owners.slot(o);
            expect(owners.run(o) == run, "run of an owner", o);
            expect(tree.ownerOf(run, slot) == o, "an owner twice", run);
            int above = tree.parent(run) == NONE ? NONE : tree.ownerOf(tree.parent(run), slot);
            expect(tree.parent(run) == NONE || above != NONE, "owner of a run but not of its parent", o);
            if (owners.pinned(o)) {
                inUse++;
                pinned[slot] += tree.tokens(run);
                expect(owners.pins(o) > 0, "pins", o);
                expect(above == NONE || (owners.pinned(above) && owners.pins(above) >= owners.pins(o)), "pins", o);
            } else {
                expect(places[o] > 0, "in no list", o);
                expect(above == NONE || owners.pinned(above) || places[above] > places[o], "older than its child", o);
            }
        }
        return inUse;
    }

    private boolean gone(int run) {
        return tree.end(run) == 0;
    }

    private static void expect(boolean condition, String what, int number) {
        if (!condition) {
            throw new IllegalStateException(what + ": " + number);
        }
    }
}
