package dev.warmgate.router.prefix;

import java.util.function.IntPredicate;

/**
 * A hash table of fixed size from a block's key to the run that holds the block: open addressing with linear probing,
 * 12 bytes a slot, no tombstones. Confined to the pool's lock.
 */
final class BlockTable {
    /** What {@link #get} answers for an unknown key. */
    static final int NONE = -1;

    /** Linear probing degrades above. */
    private static final double FULL = 0.8;

    private final int mask;
    private final long[] keys;
    private final int[] runs;
    private int entries;
    private int hand;

    /** Creates an empty table; {@code slots} is a power of two. */
    BlockTable(int slots) {
        mask = slots - 1;
        keys = new long[slots];
        runs = new int[slots];
    }

    int entries() {
        return entries;
    }

    double fill() {
        return (double) entries / keys.length;
    }

    long bytes() {
        return 12L * keys.length;
    }

    /** Returns the run of a key, dead or alive, or {@link #NONE}. */
    int get(long key) {
        int i = slot(key);
        return keys[i] == 0 ? NONE : runs[i];
    }

    /** Sets the run of a key; false, changing nothing, if it is new and there is no room. */
    boolean put(long key, int run) {
        int i = slot(key);
        if (keys[i] == 0) {
            if (entries >= keys.length * FULL) {
                return false;
            }
            keys[i] = key;
            entries++;
        }
        runs[i] = run;
        return true;
    }

    /**
     * Moves the cleaning hand one slot on and removes what it finds there if its run is dead.
     *
     * @return whether the hand has passed every slot since it last answered so
     */
    boolean clean(IntPredicate dead) {
        while (keys[hand] != 0 && dead.test(runs[hand])) {
            delete(hand);
        }
        hand = (hand + 1) & mask;
        return hand == 0;
    }

    /** Returns where a key is, or the empty slot where it would go. Keys are hashes already; 0 marks an empty slot. */
    private int slot(long key) {
        int i = (int) key & mask;
        while (keys[i] != 0 && keys[i] != key) {
            i = (i + 1) & mask;
        }
        return i;
    }

    /** Empties a slot and closes the gap. */
    private void delete(int slot) {
        int gap = slot;
        int i = slot;
        while (true) {
            i = (i + 1) & mask;
            if (keys[i] == 0) {
                break;
            }
            int home = (int) keys[i] & mask;
            // Move the entry back unless its home lies cyclically in (gap, i].
            if (((i - home) & mask) >= ((i - gap) & mask)) {
                keys[gap] = keys[i];
                runs[gap] = runs[i];
                gap = i;
            }
        }
        keys[gap] = 0;
        entries--;
    }
}
