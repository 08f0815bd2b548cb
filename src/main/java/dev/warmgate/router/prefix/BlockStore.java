package dev.warmgate.router.prefix;

/**
 * The fingerprints of blocks, 32 bits of a block's hash each. Confined to the pool's lock.
 *
 * <p>They live in records of seven. Those of one run are a chain from its last to its first, cut at multiples of seven in
 * the depth of the prompt, so that a block's depth alone tells its place in its record.
 */
final class BlockStore {
    /** Blocks in one record. */
    static final int BLOCKS = 7;

    static final int NONE = Records.NONE;

    /** The record before in the chain. */
    private static final int BEFORE = Records.LINK;

    private static final int FIRST = 1;
    private static final int INTS = FIRST + BLOCKS;

    /** In the last record of a freed chain: the next freed chain. Freed as a whole, a chain is used up from its end. */
    private static final int NEXT_FREED = FIRST;

    private final Records records;

    private int freed = NONE;
    private int freedRecords;

    BlockStore(long maxBytes) {
        records = new Records(INTS, maxBytes, Integer.MAX_VALUE);
    }

    long bytes() {
        return records.bytes();
    }

    /** Returns how many records there can be. */
    int limit() {
        return records.limit();
    }

    /** Returns how many records are in use. */
    int live() {
        return records.live() - freedRecords;
    }

    /** Returns how many records a run needs. */
    static int records(int start, int end) {
        return start == end ? 0 : (end - 1) / BLOCKS - start / BLOCKS + 1;
    }

    /** Returns a new record at the end of a chain, or {@link #NONE} if there is no room. */
    int append(int last) {
        int record = freed;
        if (record == NONE) {
            record = records.allocate();
            if (record == NONE) {
                return NONE;
            }
        } else {
            freedRecords--;
            int rest = before(record);
            int next = records.get(record, NEXT_FREED);
            if (rest == NONE) {
                freed = next;
            } else {
                records.set(rest, NEXT_FREED, next);
                freed = rest;
            }
        }
        records.set(record, BEFORE, last);
        return record;
    }

    /** Frees a chain of so many records, in constant time. */
    void free(int last, int count) {
        if (count > 0) {
            records.set(last, NEXT_FREED, freed);
            freed = last;
            freedRecords += count;
        }
    }

    int before(int record) {
        return records.get(record, BEFORE);
    }

    void before(int record, int before) {
        records.set(record, BEFORE, before);
    }

    /** Returns a copy, which is the first of its chain. There must be room. */
    int copy(int record) {
        int copy = append(NONE);
        for (int field = FIRST; field < INTS; field++) {
            records.set(copy, field, records.get(record, field));
        }
        return copy;
    }

    int get(int record, int depth) {
        return records.get(record, FIRST + depth % BLOCKS);
    }

    void set(int record, int depth, int fingerprint) {
        records.set(record, FIRST + depth % BLOCKS, fingerprint);
    }
}
