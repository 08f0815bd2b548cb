package dev.warmgate.router.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BlockTableTest {
    @Test
    void agreesWithAMapWhileItGrowsFillsAndIsCleaned() {
        for (int seed = 0; seed < 5; seed++) {
            var random = new Random(seed);
            var table = new BlockTable(256 << 10);
            Map<Long, Integer> model = new HashMap<>();
            Set<Integer> dead = new HashSet<>();
            int refused = 0;
            for (int i = 0; i < 200_000; i++) {
                long key = XxHash64.mix(random.nextInt(60_000));
                int run = i / 10;
                if (table.put(key, run)) {
                    model.put(key, run);
                } else {
                    refused++;
                    assertThat(model).as("seed %d", seed).doesNotContainKey(key);
                }
                if (random.nextInt(10) == 0) {
                    dead.add(run - random.nextInt(Math.min(run, 3_000) + 1));
                }
                if (i % 20_000 == 0) {
                    while (!table.clean(10_000, dead::contains)) {
                        // Until the hand is at the end; then one whole pass.
                    }
                    while (!table.clean(10_000, dead::contains)) {
                        assertThat(table.entries()).isLessThanOrEqualTo((int) table.limit());
                    }
                    model.values().removeIf(dead::contains);
                    assertThat(table.entries()).as("seed %d", seed).isEqualTo(model.size());
                    model.forEach((known, value) -> assertThat(table.get(known)).isEqualTo(value));
                }
            }
            assertThat(refused).as("seed %d", seed).isPositive();
            assertThat(table.bytes()).isLessThanOrEqualTo(256 << 10);
        }
    }

    @Test
    void takesLittleMemoryWhileItIsSmallAndTenBytesABlockWhenItIsLarge() {
        var table = new BlockTable(64 << 20);
        long before = table.bytes();
        assertThat(before).isLessThan(64 << 10);
        for (int i = 0; i < 1_000_000; i++) {
            table.put(XxHash64.mix(i), i & 0xFFFF);
            if (i == 100_000) {
                assertThat(table.bytes()).isLessThan(16L * i + before);
            }
        }
        assertThat(table.bytes() / 1e6).isBetween(8.0, 14.0);
    }
}
