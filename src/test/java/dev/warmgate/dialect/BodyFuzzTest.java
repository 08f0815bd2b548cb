package dev.warmgate.dialect;

import dev.warmgate.testing.FuzzInputs;
import org.junit.jupiter.api.Test;

/** What was found by {@link BodyFuzz} stays right. */
class BodyFuzzTest {
    @Test
    void keptInputsAndSomeMadeOfThem() {
        FuzzInputs.replay("body", 2000, BodyFuzz::fuzzerTestOneInput);
    }
}
