package dev.warmgate.router.prefix;

import java.util.function.IntPredicate;

/**
 * Removes what is too old from the index, a few steps with every insertion, so that there is no pause. Confined to the
 * pool's lock.
 */
final class Sweep {
    /*
     * Two hands go round. One visits runs and drops owners that are too old, and runs that nobody owns any more; its work
     * is paid by what comes in. The other goes through the block table and removes entries of freed runs; its work is paid
     * by the blocks that were freed, so that dead entries stay a few per cent. Work is bounded per call and the rest is
     * owed to the next.
     *
     * When memory runs short, less than the engines' capacity is remembered, oldest first: retention falls while
     * there is more than the limits below, and rises again when there is room. Dead entries and runs in limbo
     * do not count, since the hands are about to free them.
     */
    private static final double MOST_BLOCKS = 0.75;
    private static final double MOST_RECORDS = 0.8;

    /** Below this share of the limits, retention rises again. */
    private static final double ROOMY = 0.95;

    private static final int VISITS = 2;
    private static final int VISITS_WHEN_CROWDED = 4;
    private static final int SLOTS_PER_FREED_BLOCK = 8;
    private static final int SLOTS_WHEN_CROWDED = 64;

    /** Bounds per call, to which the same work as for the insertion itself is added. */
    private static final int MAX_VISITS = 1 << 8;

    private static final int MAX_SLOTS = 1 << 11;

    /** Retention is set this often during one round over all runs. */
    private static final int SETTINGS_PER_ROUND = 16;

    private static final double LESS = 0.98;
    private static final double MORE = 1.01;

    private final BlockTable table;
    private final RunTree tree;
    private final CacheAges ages;
    private final IntPredicate dead;

    private int hand;
    private int visitDebt;
    private long slotDebt;
    private int visitsSinceSetting;

    Sweep(BlockTable table, RunTree tree, CacheAges ages) {
        this.table = table;
        this.tree = tree;
        this.ages = ages;
        this.dead = tree::dead;
    }

    /** Does the work that is due after an insertion. */
    void run() {
        boolean crowded = crowding() > 1;
        int created = tree.takeCreated();
        int visits = VISITS + created;
        // More than a round would find nothing new.
        visitDebt = Math.min(visitDebt + (crowded ? visits * VISITS_WHEN_CROWDED : visits), tree.runsEnd());
        visitDebt -= visit(Math.min(visitDebt, MAX_VISITS + created / 4));

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

    private double crowding() {
        return Math.max(tree.blocks() / (table.limit() * MOST_BLOCKS), tree.fill() / MOST_RECORDS);
    }

    /** Returns the work done, which is a little more than asked for if a run has many owners. */
    private int visit(int visits) {
        int done = 0;
        int end = tree.runsEnd();
        while (done < visits && end > 0) {
            hand = hand + 1 < end ? hand + 1 : 0;
            done++;
            if (!tree.dead(hand) && tree.end(hand) > 0) {
                done += tree.dropOld(hand, ages) >>> 2;
            }
            if (++visitsSinceSetting > end / SETTINGS_PER_ROUND) {
                visitsSinceSetting = 0;
                double crowding = crowding();
                if (crowding > 1) {
                    ages.retain(LESS);
                } else if (crowding < ROOMY) {
                    ages.retain(MORE);
                }
            }
        }
        return done;
    }
}
