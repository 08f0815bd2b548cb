package dev.warmgate.app.epp;

import dev.warmgate.testing.FuzzInputs;
import org.junit.jupiter.api.Test;

/** What was found by {@link EppFuzz} stays right. */
class EppFuzzTest {
    @Test
    void keptInputsAndSomeMadeOfThem() {
        FuzzInputs.replay("epp", 2_000, EppFuzz::fuzzerTestOneInput);
    }
}
