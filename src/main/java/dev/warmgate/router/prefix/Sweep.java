package dev.warmgate.router.prefix;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes room in the index, a few steps with every insertion, so that there is no pause. Confined to the pool's lock.
 */
final class Sweep {
    /*
     * A hand goes through the block table and removes entries of freed runs; its work is paid by what was freed, so that
     * dead entries and runs in limbo stay a few per cent. Work is bounded per call and the rest is owed to the next.
     *
     * When memory runs short, oldest entries of the shadows are forgotten. To find a shadow that can spare one, look at some
     * owners anywhere and take the best of theirs: history first, else the one that remembers most of its engine's capacity.
     * So all come to remember about the same share.
     */

    /** Fill that counts as full; the rest is for the dead, for one big insertion, and for bad luck. */
    private static final double MOST_BLOCKS = 0.75;

    private static final double MOST_RUNS = 0.8;
    private static final double MOST_OWNERS = 0.95;

    private static final int CANDIDATES = 8;
    private static final int SLOTS_PER_FREED_BLOCK = 8;
    private static final int SLOTS_WHEN_CROWDED = 64;

    /** Bounds per call, to which work in proportion to the insertion itself is added. */
    private static final int MAX_DROPS = 1 << 6;

    private static final int MAX_SLOTS = 1 << 11;

    private final BlockTable table;
    private final RunTree tree;
    private final Owners owners;
    private final CacheShadow[] shadows;
    private final IntPredicate dead;

    private final int mostBlocks;
    private final int mostRuns;
    private final int mostOwners;

    private long slotDebt;
    private long looks;

    Sweep(BlockTable table, RunTree tree, CacheShadow[] shadows) {
        this.table = table;
        this.tree = tree;
        this.owners = tree.owners();
        this.shadows = shadows;
        this.dead = tree::dead;
        mostBlocks = (int) (MOST_BLOCKS * table.limit());
        mostRuns = (int) (MOST_RUNS * tree.runLimit());
        mostOwners = (int) (MOST_OWNERS * owners.limit());
    }

    /** Does the work that is due after an insertion. */
    void run() {
        int created = tree.takeCreated();
        boolean crowded = crowded();
        for (int left = MAX_DROPS + created; left > 0 && crowded(); left--) {
            drop();
        }
        slotDebt += (long) SLOTS_PER_FREED_BLOCK * tree.takeFreed();
        if (crowded && tree.limbo() > 0) {
            slotDebt += SLOTS_WHEN_CROWDED;
        }
        slotDebt = Math.min(slotDebt, 2 * table.limit());
        int slots = (int) Math.min(slotDebt, MAX_SLOTS + SLOTS_PER_FREED_BLOCK * created);
        slotDebt -= slots;
        if (slots > 0 && table.clean(slots, dead)) {
            tree.passed();
        }
    }

    private boolean crowded() {
        return tree.blocks() > mostBlocks || tree.liveRuns() > mostRuns || owners.live() > mostOwners;
    }

    private void drop() {
        @Nullable CacheShadow best = null;
        double bestValue = 0;
        for (int i = 0; i < CANDIDATES; i++) {
            int o = (int) (((XxHash64.mix(looks++) >>> 32) * owners.used()) >>> 32);
            if (owners.idle(o) || owners.ghost(o)) {
                var shadow = shadows[owners.slot(o)];
                double value = shadow.dispensable();
                if (best == null || value > bestValue) {
                    best = shadow;
                    bestValue = value;
                }
            }
        }
        if (best != null) {
            best.drop();
        }
    }
}
