package dev.warmgate.twin.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockCacheTest {
    @Test
    void takesTheBlockThatWasReleasedLongestAgo() {
        var cache = new BlockCache(3);
        int a = cache.take();
        int b = cache.take();
        int c = cache.take();
        assertThat(cache.take()).isEqualTo(BlockCache.NONE);
        cache.name(a, 1);
        cache.name(b, 2);
        cache.name(c, 3);

        cache.release(c);
        cache.release(a);
        cache.release(b);

        assertThat(cache.take()).isEqualTo(c);
        assertThat(cache.find(3)).isEqualTo(BlockCache.NONE);
        assertThat(cache.find(1)).isEqualTo(a);
        assertThat(cache.take()).isEqualTo(a);
        assertThat(cache.take()).isEqualTo(b);
    }

    @Test
    void aRetainedBlockIsNotEvicted() {
        var cache = new BlockCache(2);
        int a = cache.take();
        int b = cache.take();
        cache.name(a, 7);
        cache.release(a);
        cache.release(b);

        cache.retain(cache.find(7));

        assertThat(cache.take()).isEqualTo(b);
        assertThat(cache.take()).isEqualTo(BlockCache.NONE);
        assertThat(cache.find(7)).isEqualTo(a);
    }

    @Test
    void ofTwoBlocksWithTheSameContentTheHeldOneStaysFindable() {
        var cache = new BlockCache(2);
        int a = cache.take();
        int b = cache.take();
        cache.name(a, 7);
        cache.name(b, 7);
        assertThat(cache.find(7)).isEqualTo(a);

        cache.release(a);
        cache.name(b, 7);

        assertThat(cache.find(7)).isEqualTo(b);
    }

    @Test
    void behavesLikeASimpleModelUnderRandomUse() {
        for (long seed = 0; seed < 30; seed++) {
            runRandomly(seed);
        }
    }

    /** The model: maps of references and names, and an ordered set of free blocks. */
    private static void runRandomly(long seed) {
        var random = new Random(seed);
        int capacity = 1 + random.nextInt(40);
        var cache = new BlockCache(capacity);
        var free = new LinkedHashSet<Integer>();
        for (int i = 0; i < capacity; i++) {
            free.add(i);
        }
        Map<Integer, Integer> references = new HashMap<>();
        Map<Long, Integer> byName = new HashMap<>();
        var held = new ArrayList<Integer>();
        for (int op = 0; op < 2000; op++) {
            String context = "seed " + seed + ", operation " + op;
            switch (random.nextInt(4)) {
                case 0 -> {
                    int block = cache.take();
                    if (free.isEmpty()) {
                        assertThat(block).as(context).isEqualTo(BlockCache.NONE);
                    } else {
                        assertThat(block).as(context).isEqualTo(free.removeFirst());
                        byName.values().remove(block);
                        references.put(block, 1);
                        held.add(block);
                    }
                }
                case 1 -> {
                    if (!held.isEmpty()) {
                        int index = random.nextInt(held.size());
                        int block = held.get(index);
                        held.set(index, held.getLast());
                        held.removeLast();
                        cache.release(block);
                        if (references.merge(block, -1, Integer::sum) == 0) {
                            free.add(block);
                        }
                    }
                }
                case 2 -> {
                    if (!held.isEmpty()) {
                        int block = held.get(random.nextInt(held.size()));
                        long hash = random.nextLong(60);
                        if (!byName.containsValue(block)) {
                            cache.name(block, hash);
                            Integer known = byName.get(hash);
                            if (known == null || free.contains(known)) {
                                byName.put(hash, block);
                            }
                        }
                    }
                }
                case 3 -> {
                    long hash = random.nextLong(60);
                    int expected = byName.getOrDefault(hash, BlockCache.NONE);
                    assertThat(cache.find(hash)).as(context).isEqualTo(expected);
                    if (expected != BlockCache.NONE) {
                        cache.retain(expected);
                        references.merge(expected, 1, Integer::sum);
                        free.remove(expected);
                        held.add(expected);
                    }
                }
                default -> throw new AssertionError();
            }
            assertThat(cache.free()).as(context).isEqualTo(free.size());
        }
    }
}
