package dev.warmgate.twin.engine;

/**
 * The names of all KV blocks that any of several replicas has ever computed: an endless cache that all of them reach.
 *
 * <p>Open addressing with linear probing, never more than half full. Confined to the thread that drives the replicas.
 */
public final class SharedCache {
    private long[] hashes = new long[1 << 16];
    private int size;

    /** Creates an empty cache. */
    public SharedCache() {}

    boolean contains(long hash) {
        return hashes[slot(key(hash))] != 0;
    }

    void add(long hash) {
        long key = key(hash);
        int slot = slot(key);
        if (hashes[slot] != 0) {
            return;
        }
        hashes[slot] = key;
        if (++size * 2 > hashes.length) {
            long[] old = hashes;
            hashes = new long[old.length * 2];
            for (long each : old) {
                if (each != 0) {
                    hashes[slot(each)] = each;
                }
            }
        }
    }

    private static long key(long hash) {
        return hash == 0 ? 1 : hash;
    }

    private int slot(long key) {
        int mask = hashes.length - 1;
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (hashes[slot] != 0 && hashes[slot] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    @Override
    public String toString() {
        return "SharedCache[" + size + " blocks]";
    }
}
