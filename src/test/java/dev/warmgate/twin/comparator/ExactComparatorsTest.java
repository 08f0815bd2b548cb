package dev.warmgate.twin.comparator;

import static dev.warmgate.twin.comparator.Bench.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Comparators that hear of every KV block, and the bound. */
class ExactComparatorsTest {
    private static final int PROMPT = 16_000;

    @Test
    void dynamoAddsPrefillAndDecodeOneToOne() {
        var bench = new Bench("dynamo", 2);
        bench.cached[0] = 12_000;
        bench.booked[0] = 6_000;
        bench.held[0] = 10_000;
        // 6,000 + 4,000 + 10,000 + 16,000 against 16,000 + 16,000: a long context goes for a batch that is no queue
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
        bench.held[0] = 5_000;
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
    }

    @Test
    void dynamoCountsSharedBlocksOnce() {
        var bench = new Bench("dynamo", 2);
        bench.cached[0] = 12_000;
        bench.booked[0] = 6_000;
        bench.held[0] = 10_000;
        bench.used[0] = 12_000;
        // 6,000 + 4,000 + 10,000 + 4,000 against 32,000
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
    }

    @Test
    void dynamoCreditsNoMoreThanThereIs() {
        var bench = new Bench("dynamo", 2);
        bench.cached[0] = 20_000;
        bench.held[0] = 1_000;
        bench.cached[1] = PROMPT;
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void lmetricMultiplies() {
        var bench = new Bench("lmetric", 2);
        bench.cached[0] = 15_000;
        bench.cached[1] = 8_000;
        bench.busy(0, 6);
        // 1,000·7 against 8,000·1
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
        bench.busy(0, 2);
        // 1,000·10
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void lmetricDoesNotSeeAQueue() {
        var bench = new Bench("lmetric", 2);
        bench.cached[0] = 15_000;
        bench.booked[0] = 1_000_000;
        bench.pending[0] = 1_000_000;
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
    }

    @Test
    void predictedTtftIsMyopic() {
        var bench = new Bench("predicted-ttft", 2);
        bench.cached[0] = 15_000;
        bench.booked[0] = 16_000;
        // 0.89 + 0.04 s against 0.84 + 0.33 s
        assertThat(bench.send(prompt(1, PROMPT))).isZero();
        bench.booked[0] = 22_000;
        // 1.21 + 0.04 s: 15,000 tokens are computed again to save 0.1 s
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }

    @Test
    void boundTakesTheShortestQueueAndThenTheSmallestBatch() {
        var bench = new Bench("bound", 3);
        bench.pending[0] = 1_000;
        bench.held[1] = 200_000;
        bench.held[2] = 200_100;
        assertThat(bench.send(prompt(1, PROMPT))).isEqualTo(1);
    }
}
