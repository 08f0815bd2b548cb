package dev.warmgate.engine;

import dev.warmgate.testing.FuzzInputs;
import org.junit.jupiter.api.Test;

/** What was found by {@link MetricsFuzz} stays right. */
class MetricsFuzzTest {
    @Test
    void keptInputsAndSomeMadeOfThem() {
        FuzzInputs.replay("metrics", 2000, MetricsFuzz::fuzzerTestOneInput);
    }
}
