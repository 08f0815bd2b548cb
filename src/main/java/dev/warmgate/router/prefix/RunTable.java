package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * A hash table from a key to a run, 8 bytes a slot. Confined to the pool's lock.
 *
 * <p>It does not keep keys as a whole: a run that it answers must be asked whether it is the right one.
 */
final class RunTable {
    /*
     * The table is cut into parts. The low 26 bits of a key choose its part, the other 38 are kept in the slot beside 26
     * bits of run. What the part tells and what the slot keeps discriminate keys together: for a new key, some entry
     * of its part looks equal with a probability of 2,000 / 2^38, and takes its place. Then the old run is not found any
     * more, until it is freed like any other.
     *
     * Each part is open addressing with linear probing and no tombstones, and grows on its own by a quarter: a copy of at
     * most 2,048 slots, some microseconds. A home is the kept bits scaled to the part's length, so lengths need not be
     * powers of two and fill stays between 0.6 and 0.86 however many blocks there are.
     */

    /** What {@link #get} answers for an unknown key. */
    static final int NONE = Records.NONE;

    /** Runs that can be named. */
    static final int MAX_RUNS = (1 << 26) - 1;

    /** Bytes of a Java array without its elements. */
    static final int ARRAY_HEADER = 16;

    private static final int RUN_BITS = 26;
    private static final long RUN_MASK = (1L << RUN_BITS) - 1;

    private static final int FIRST_SLOTS = 32;
    private static final int PART_SLOTS = 2_048;

    /** Entries of a part that cannot grow any more: linear probing degrades above. */
    private static final int PART_FULL = PART_SLOTS * 15 / 16;

    /** Entries per part at which the table counts as full: some parts are fuller than others. */
    private static final int MOST_PER_PART = PART_SLOTS * 7 / 8;

    /** A part's share of the bytes: slots, header, reference and count. */
    private static final int PART_BYTES = Long.BYTES * PART_SLOTS + ARRAY_HEADER + Long.BYTES + Integer.BYTES;

    /** A single empty slot, so that lookups need no special case. */
    private static final long[] ABSENT = new long[1];

    /** 0 is an empty slot; otherwise the key's upper 38 bits above the run's number plus 1. */
    private final long[][] parts;

    private final int[] counts;
    private int entries;
    private long bytes;

    /** Creates an empty table of at most {@code maxBytes}, but of one part at least. */
    RunTable(long maxBytes) {
        parts = new long[Math.clamp(maxBytes / PART_BYTES, 1, 1 << 20)][];
        Arrays.fill(parts, ABSENT);
        counts = new int[parts.length];
        bytes = (long) parts.length * (Long.BYTES + Integer.BYTES);
    }

    int entries() {
        return entries;
    }

    /** Returns how many entries there can be. */
    int limit() {
        return parts.length * MOST_PER_PART;
    }

    long bytes() {
        return bytes;
    }

    /** Returns the run of a key, or {@link #NONE}. */
    int get(long key) {
        long[] part = parts[part(key)];
        return run(part[slot(part, key)]);
    }

    /** Sets the run of a key; false, changing nothing, if it is new and there is no room. */
    boolean put(long key, int run) {
        int p = part(key);
        long[] part = parts[p];
        int i = slot(part, key);
        if (part[i] == 0) {
            if (counts[p] >= room(p)) {
                if (part.length == PART_SLOTS) {
                    return false;
                }
                part = grow(p);
                i = slot(part, key);
            }
            counts[p]++;
            entries++;
        }
        part[i] = (key & ~RUN_MASK) | (run + 1L);
        return true;
    }

    /** Removes the entry of a key if it is for that run. */
    void remove(long key, int run) {
        int p = part(key);
        long[] part = parts[p];
        int i = slot(part, key);
        if (part[i] != 0 && run(part[i]) == run) {
            delete(p, i);
        }
    }

    /** Adds 1 to the element of each entry's run. */
    void countByRun(int[] blocks) {
        for (long[] part : parts) {
            for (long entry : part) {
                if (entry != 0) {
                    blocks[run(entry)]++;
                }
            }
        }
    }

    private int part(long key) {
        return (int) (((key & RUN_MASK) * parts.length) >>> RUN_BITS);
    }

    private static int run(long entry) {
        return (int) (entry & RUN_MASK) - 1;
    }

    private static int home(long keyOrEntry, int length) {
        return (int) (((keyOrEntry >>> 32) * length) >>> 32);
    }

    /** Returns where a key is, or the empty slot where it would go. Keys are hashes already. */
    private static int slot(long[] part, long key) {
        int i = home(key, part.length);
        while (part[i] != 0 && (part[i] ^ key) >>> RUN_BITS != 0) {
            i = next(i, part.length);
        }
        return i;
    }

    private static int next(int i, int length) {
        return i + 1 == length ? 0 : i + 1;
    }

    /** Returns entries before a part must grow; spread from part to part, so that they do not all grow at once. */
    private int room(int p) {
        int length = parts[p].length;
        return length == PART_SLOTS ? PART_FULL : length * (48 + (p & 7)) / 64;
    }

    private long[] grow(int p) {
        long[] old = parts[p];
        boolean first = old.length == ABSENT.length;
        int length = first ? FIRST_SLOTS : Math.min(PART_SLOTS, old.length + old.length / 4);
        var part = new long[length];
        for (long entry : old) {
            if (entry != 0) {
                part[slot(part, entry)] = entry;
            }
        }
        parts[p] = part;
        bytes += (long) Long.BYTES * length - (first ? -ARRAY_HEADER : (long) Long.BYTES * old.length);
        return part;
    }

    /** Empties a slot and closes the gap. */
    private void delete(int p, int slot) {
        long[] part = parts[p];
        int length = part.length;
        int gap = slot;
        for (int i = next(slot, length); part[i] != 0; i = next(i, length)) {
            // Move the entry back unless its home lies cyclically in (gap, i].
            if (distance(home(part[i], length), i, length) >= distance(gap, i, length)) {
                part[gap] = part[i];
                gap = i;
            }
        }
        part[gap] = 0;
        counts[p]--;
        entries--;
    }

    private static int distance(int from, int to, int length) {
        return to >= from ? to - from : to - from + length;
    }
}
