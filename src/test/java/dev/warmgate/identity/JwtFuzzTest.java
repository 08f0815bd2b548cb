package dev.warmgate.identity;

import dev.warmgate.testing.FuzzInputs;
import org.junit.jupiter.api.Test;

/** What was found by {@link JwtFuzz} stays right. */
class JwtFuzzTest {
    @Test
    void keptInputsAndSomeMadeOfThem() {
        FuzzInputs.replay("jwt", 300, JwtFuzz::fuzzerTestOneInput);
    }
}
