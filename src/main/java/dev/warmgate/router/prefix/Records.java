package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * Records of a few ints each, named by number. They live in chunks that are made when first needed, up to a limit: growing
 * copies nothing and memory that is never needed is never touched. Confined to the pool's lock.
 */
final class Records {
    /** No record. */
    static final int NONE = -1;

    /** The field that links free records; a record in use may keep anything there. */
    static final int LINK = 0;

    private static final int CHUNK_BITS = 10;
    private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;
    private static final int[] ABSENT = new int[0];

    private final int width;
    private final int[][] chunks;

    /** Numbers given out so far, freed ones included. */
    private int used;

    private int free = NONE;
    private int live;

    /**
     * Creates an empty store.
     *
     * @param width ints per record
     * @param maxBytes upper bound of memory; one chunk of 1,024 records is made in any case
     * @param maxRecords upper bound of records
     */
    Records(int width, long maxBytes, int maxRecords) {
        this.width = width;
        long affordable = maxBytes / (chunkBytes() + Long.BYTES);
        chunks = new int[Math.clamp(affordable, 1, maxRecords >>> CHUNK_BITS)][];
        Arrays.fill(chunks, ABSENT);
    }

    /** Returns how many records there can be. */
    int limit() {
        return chunks.length << CHUNK_BITS;
    }

    /** Returns how many numbers were ever given out; all records have smaller ones. */
    int used() {
        return used;
    }

    /** Returns how many records are in use. */
    int live() {
        return live;
    }

    long bytes() {
        return (long) Long.BYTES * chunks.length + chunkBytes() * ((used + CHUNK_MASK) >>> CHUNK_BITS);
    }

    int get(int record, int field) {
        return chunks[record >>> CHUNK_BITS][(record & CHUNK_MASK) * width + field];
    }

    void set(int record, int field, int value) {
        chunks[record >>> CHUNK_BITS][(record & CHUNK_MASK) * width + field] = value;
    }

    void add(int record, int field, int difference) {
        chunks[record >>> CHUNK_BITS][(record & CHUNK_MASK) * width + field] += difference;
    }

    /** Returns the number of a record with arbitrary content, or {@link #NONE} if there is no room. */
    int allocate() {
        int record;
        if (free != NONE) {
            record = free;
            free = get(record, LINK);
        } else if (used < limit()) {
            if ((used & CHUNK_MASK) == 0) {
                chunks[used >>> CHUNK_BITS] = new int[width << CHUNK_BITS];
            }
            record = used++;
        } else {
            return NONE;
        }
        live++;
        return record;
    }

    void free(int record) {
        set(record, LINK, free);
        free = record;
        live--;
    }

    private long chunkBytes() {
        return (((long) Integer.BYTES * width) << CHUNK_BITS) + RunTable.ARRAY_HEADER;
    }
}
