package dev.warmgate.twin.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Step times computed by hand from the published formula. */
class HardwareProfileTest {
    private static final HardwareProfile QWEN = HardwareProfile.QWEN3_32B_TP2_H100;

    @Test
    void aLoneDecodeReadsTheWeightsAndItsContext() {
        // (15⁴ + 0.0525⁴)^¼ = 15.000000 ms; 48 ns × 1000 = 0.048 ms; overhead 2 + 0.02 ms
        assertThat(QWEN.stepNanos(1, 0, 1000, 1)).isEqualTo(17_068_000L);
    }

    @Test
    void aFullPrefillChunkIsBoundByArithmetic() {
        // a·T = 52.5 µs × 8192 = 430.08 ms: (15⁴ + 430.08⁴)^¼ = 430.080159 ms
        // attention 2.6 ns × 8192 × (8192 + 4096) = 261.724570 ms; overhead 2.02 ms
        double pairs = 8192.0 * (8192 + 8192 / 2.0);
        assertThat(QWEN.stepNanos(8192, pairs, 0, 1)).isEqualTo(693_824_729L);
    }

    @Test
    void aMixedStepAddsAllTerms() {
        // 8B: w0 6.5 ms, a·T = 23.5 µs × 600 = 14.1 ms: (6.5⁴ + 14.1⁴)^¼ = 14.256570 ms
        // attention 1.3 ns × 500 × (100 + 250) = 0.2275 ms; KV 52 ns × 200,000 = 10.4 ms; overhead 2 + 101 × 0.02 ms
        assertThat(HardwareProfile.LLAMA_3_1_8B_H100.stepNanos(600, 500 * (100 + 250.0), 200_000, 101))
                .isEqualTo(28_904_070L);
    }

    @Test
    void everyProfileIsFoundByItsName() {
        assertThat(HardwareProfile.all())
                .extracting(HardwareProfile::name)
                .containsExactly("qwen3-32b-tp2-h100", "llama-3.1-70b-tp4-h100", "llama-3.1-8b-h100");
        for (HardwareProfile profile : HardwareProfile.all()) {
            assertThat(HardwareProfile.named(profile.name())).contains(profile);
        }
        assertThat(HardwareProfile.named("abacus")).isEmpty();
    }

    @Test
    void impossibleLimitsAreRefused() {
        assertThatThrownBy(() -> QWEN.withLimits(100, 8192, 256)).hasMessageContaining("kvTokens: 100");
        assertThatThrownBy(() -> QWEN.withLimits(160, 16, 32)).hasMessageContaining("maxSequences: 32");
    }
}
