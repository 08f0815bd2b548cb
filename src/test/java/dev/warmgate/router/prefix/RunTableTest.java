package dev.warmgate.router.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunTableTest {
    @Test
    void agreesWithAMapWhileItGrowsAndFills() {
        for (int seed = 0; seed < 5; seed++) {
            var random = new Random(seed);
            var table = new RunTable(256 << 10);
            Map<Long, Integer> model = new HashMap<>();
            var keys = new ArrayList<Long>();
            int refused = 0;
            for (int i = 0; i < 200_000; i++) {
                long key = XxHash64.mix(random.nextInt(60_000));
                int run = i / 10;
                if (table.put(key, run)) {
                    if (model.put(key, run) == null) {
                        keys.add(key);
                    }
                } else {
                    refused++;
                    assertThat(model).as("seed %d", seed).doesNotContainKey(key);
                }
                // Now it fills, now it empties.
                int removals = i % 50_000 < 40_000 ? random.nextInt(8) / 7 : 3;
                for (int j = 0; j < removals && !keys.isEmpty(); j++) {
                    int at = random.nextInt(keys.size());
                    long gone = keys.get(at);
                    int itsRun = Objects.requireNonNull(model.get(gone));
                    if (random.nextInt(10) == 0) {
                        table.remove(gone, itsRun + 1);
                        continue;
                    }
                    table.remove(gone, itsRun);
                    model.remove(gone);
                    keys.set(at, keys.getLast());
                    keys.removeLast();
                    assertThat(table.get(gone)).as("seed %d", seed).isEqualTo(RunTable.NONE);
                }
                if (i % 10_000 == 0) {
                    assertThat(table.entries()).as("seed %d", seed).isEqualTo(model.size());
                    model.forEach((known, value) -> assertThat(table.get(known)).isEqualTo(value));
                }
            }
            assertThat(refused).as("seed %d", seed).isPositive();
            assertThat(table.bytes()).isLessThanOrEqualTo(256 << 10);
        }
    }

    @Test
    void takesLittleMemoryWhileItIsSmallAndTenBytesARunWhenItIsLarge() {
        var table = new RunTable(64 << 20);
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
