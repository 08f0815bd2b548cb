package dev.warmgate.twin.engine;

import java.util.Arrays;

/**
 * The KV blocks of one replica: reference counts, names (hashes of their content) and the LRU list of free ones.
 *
 * <p>A block without references is free but keeps its name, so that a later prompt finds it, until it is taken for other
 * content. Free blocks are taken oldest first; releasing the blocks of a sequence from its tail therefore gives up tails
 * before the prefixes they hang on. All operations are O(1) and allocate nothing.
 */
final class BlockCache {
    static final int NONE = -1;

    private final int capacity;
    private final int[] references;
    private final long[] hashes;
    private final boolean[] named;

    /** Doubly linked list of free blocks through arrays; index {@code capacity} is its head: older = newest, newer = oldest. */
    private final int[] older;

    private final int[] newer;
    private int free;

    /** Open addressing with linear probing: block + 1, 0 is empty. Never more than half full. */
    private final int[] table;

    private final int mask;

    BlockCache(int capacity) {
        this.capacity = capacity;
        references = new int[capacity];
        hashes = new long[capacity];
        named = new boolean[capacity];
        older = new int[capacity + 1];
        newer = new int[capacity + 1];
        for (int i = 0; i <= capacity; i++) {
            older[i] = i == 0 ? capacity : i - 1;
            newer[i] = i == capacity ? 0 : i + 1;
        }
        free = capacity;
        table = new int[Integer.highestOneBit(Math.max(capacity, 1)) << 2];
        mask = table.length - 1;
    }

    int capacity() {
        return capacity;
    }

    /** Returns the number of blocks without references, cached ones included. */
    int free() {
        return free;
    }

    int inUse() {
        return capacity - free;
    }

    /** Returns whether no sequence holds this block. */
    boolean isFree(int block) {
        return references[block] == 0;
    }

    /** Returns the block with that content, or {@link #NONE}. */
    int find(long hash) {
        for (int slot = slot(hash); ; slot = slot + 1 & mask) {
            int block = table[slot] - 1;
            if (block < 0 || hashes[block] == hash) {
                return block;
            }
        }
    }

    /** Adds a reference to a block found by {@link #find}. */
    void retain(int block) {
        if (references[block]++ == 0) {
            unlink(block);
            free--;
        }
    }

    /** Returns the oldest free block with one reference and without a name, or {@link #NONE} if all are in use. */
    int take() {
        if (free == 0) {
            return NONE;
        }
        int block = newer[capacity];
        unlink(block);
        free--;
        references[block] = 1;
        if (named[block]) {
            forget(block);
        }
        return block;
    }

    /** Gives back one reference; the last one makes the block the newest of the free ones. */
    void release(int block) {
        if (--references[block] == 0) {
            int newest = older[capacity];
            older[block] = newest;
            newer[block] = capacity;
            newer[newest] = block;
            older[capacity] = block;
            free++;
        }
    }

    /**
     * Makes a held block findable by its content. Where two blocks hold the same content, one is findable: the old one as
     * long as a sequence holds it, because then it cannot be evicted soon.
     */
    void name(int block, long hash) {
        int known = find(hash);
        if (known != NONE) {
            if (known == block || references[known] > 0) {
                return;
            }
            forget(known);
        }
        hashes[block] = hash;
        named[block] = true;
        int slot = slot(hash);
        while (table[slot] != 0) {
            slot = slot + 1 & mask;
        }
        table[slot] = block + 1;
    }

    /** Makes what no sequence holds unfindable. */
    void forgetFree() {
        for (int block = 0; block < capacity; block++) {
            if (named[block] && isFree(block)) {
                forget(block);
            }
        }
    }

    /** Removes the name of a block, closing the gap so that no tombstones are needed. */
    private void forget(int block) {
        named[block] = false;
        int gap = slot(hashes[block]);
        while (table[gap] != block + 1) {
            gap = gap + 1 & mask;
        }
        for (int slot = gap + 1 & mask; table[slot] != 0; slot = slot + 1 & mask) {
            int home = slot(hashes[table[slot] - 1]);
            if ((slot - home & mask) >= (slot - gap & mask)) {
                table[gap] = table[slot];
                gap = slot;
            }
        }
        table[gap] = 0;
    }

    private void unlink(int block) {
        newer[older[block]] = newer[block];
        older[newer[block]] = older[block];
    }

    private int slot(long hash) {
        return (int) ((hash * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    }

    @Override
    public String toString() {
        return "BlockCache[" + inUse() + " of " + capacity + " in use, "
                + Arrays.stream(table).filter(entry -> entry != 0).count() + " named]";
    }
}
