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
    private static final double MOST_BLOCKS = 0.78;
    private static final double MOST_RECORDS = 0.8;

    /** Below this share of the limits, retention rises again. */
    private static final double ROOMY = 0.95;

    private static final int VISITS = 2;
    private static final int VISITS_WHEN_CROWDED = 4;
    private static final int SLOTS_PER_FREED_BLOCK = 16;
    private static final int SLOTS_WHEN_CROWDED = 256;

    /** Bounds per call: some tens of microseconds each. */
    private static final int MAX_VISITS = 1 << 10;

    private static final int MAX_SLOTS = 1 << 14;
    private static final int MAX_DEBT = 1 << 22;

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
    private int slotDebt;
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
        int visits = VISITS + tree.takeCreated();
        visitDebt = Math.min(visitDebt + (crowded ? visits * VISITS_WHEN_CROWDED : visits), MAX_DEBT);
        visitDebt -= visit(Math.min(visitDebt, MAX_VISITS));

        slotDebt += SLOTS_PER_FREED_BLOCK * tree.takeFreedBlocks() + (crowded ? SLOTS_WHEN_CROWDED : 0);
        slotDebt = Math.min(slotDebt, MAX_DEBT);
        int slots = Math.min(slotDebt, MAX_SLOTS);
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
