package dev.warmgate.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every bit of a secret is used, and none comes twice. */
class EntropyTest {
    @Test
    void numbersDifferAndUseAllBits() {
        Set<Long> seen = new HashSet<>();
        long ones = 0;
        long zeros = 0;
        for (int i = 0; i < 200; i++) {
            long number = Entropy.nextLong();
            seen.add(number);
            ones |= number;
            zeros |= ~number;
        }
        assertThat(seen).hasSize(200);
        assertThat(ones).isEqualTo(-1L);
        assertThat(zeros).isEqualTo(-1L);
    }
}
