package dev.warmgate.router.prefix;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Removes what is too old from the index, a few steps with every insertion, so that there is no pause. Confined to the
 * pool's lock.
 */
final class Sweep {
    /*
     * Two hands go round. One visits runs and drops owners that are too old, and runs that nobody owns any more; its work
     * is paid by what comes in. The other goes through the block table and removes entries of freed runs; its work is paid
     * by what was freed, so that dead entries and runs in limbo stay a few per cent. Work is bounded per call and the rest
     * is owed to the next.
     *
     * When memory runs short, less than the engines' capacity is remembered. On its round, the first hand counts what there
     * is by age; at the end of the round, retention is set to the age that leaves as much younger than it as shall stay.
     * While crowded a round takes less than the index grows by a sixteenth.
     */

    /** Fill of the table and of the records that counts as full; the rest is for the dead and for bad luck. */
    private static final double MOST_BLOCKS = 0.8;

    private static final double MOST_RECORDS = 0.8;

    /** Of what counts as full: above the first, retention is set to keep the second; below the third, it rises. */
    private static final double CROWDED = 0.95;

    private static final double KEPT = 0.9;
    private static final double ROOMY = 0.85;
    private static final double MORE = 1.1;

    private static final int VISITS = 2;
    private static final int VISITS_WHEN_CROWDED = 4;
    private static final int SLOTS_PER_FREED_BLOCK = 8;
    private static final int SLOTS_WHEN_CROWDED = 64;

    /** Bounds per call, to which work in proportion to the insertion itself is added. */
    private static final int MAX_VISITS = 1 << 8;

    private static final int MAX_SLOTS = 1 << 11;

    /** Ages are counted in eighths of octaves, read off a double's exponent and upper bits: 16 octaves below 2. */
    private static final int BUCKET_SHIFT = 49;

    private static final int BUCKETS = 16 * 8;
    private static final long FIRST_BUCKET = (Double.doubleToRawLongBits(CacheAges.HISTORY) >>> BUCKET_SHIFT) - BUCKETS;

    private final BlockTable table;
    private final RunTree tree;
    private final CacheAges ages;
    private final IntPredicate dead;

    private int hand;
    private int visitDebt;
    private long slotDebt;

    /** Of this round: blocks, or records where these are scarcer, by the age of their youngest owner. */
    private final long[] weightByAge = new long[BUCKETS];

    private boolean weighBlocks = true;

    Sweep(BlockTable table, RunTree tree, CacheAges ages) {
        this.table = table;
        this.tree = tree;
        this.ages = ages;
        this.dead = tree::dead;
    }

    /** Does the work that is due after an insertion. */
    void run() {
        boolean crowded = crowding() > CROWDED;
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
        return Math.max(blockCrowding(), tree.fill() / MOST_RECORDS);
    }

    private double blockCrowding() {
        return tree.blocks() / (table.limit() * MOST_BLOCKS);
    }

    /** Returns the work done, which is a little more than asked for if a run has many owners. */
    private int visit(int visits) {
        int done = 0;
        int end = tree.runsEnd();
        while (done < visits && end > 0) {
            if (++hand >= end) {
                hand = 0;
                endRound();
            }
            done++;
            if (!tree.dead(hand) && tree.end(hand) > 0) {
                int length = tree.end(hand) - tree.start(hand);
                double youngest = tree.dropOld(hand, ages);
                int owners = tree.ownersSeen();
                if (ages.remembered(youngest)) {
                    weightByAge[bucket(youngest)] += weighBlocks ? length : 1 + owners;
                }
                done += owners >>> 2;
            }
        }
        return done;
    }

    private void endRound() {
        double crowding = crowding();
        if (crowding > CROWDED) {
            ages.retain(Math.min(ages.retention(), ageThatKeeps(KEPT / crowding)));
        } else if (crowding < ROOMY) {
            ages.retain(ages.retention() * MORE);
        }
        Arrays.fill(weightByAge, 0);
        weighBlocks = blockCrowding() >= crowding;
    }

    private double ageThatKeeps(double share) {
        double left = share * Arrays.stream(weightByAge).sum();
        for (int i = 0; i < BUCKETS; i++) {
            if (left < weightByAge[i]) {
                return age(i) + (age(i + 1) - age(i)) * left / weightByAge[i];
            }
            left -= weightByAge[i];
        }
        return CacheAges.HISTORY;
    }

    private static int bucket(double age) {
        return (int) Math.clamp((Double.doubleToRawLongBits(age) >>> BUCKET_SHIFT) - FIRST_BUCKET, 0L, BUCKETS - 1L);
    }

    /** Returns the least age of a bucket. */
    private static double age(int bucket) {
        return bucket == 0 ? 0 : Double.longBitsToDouble((FIRST_BUCKET + bucket) << BUCKET_SHIFT);
    }
}
