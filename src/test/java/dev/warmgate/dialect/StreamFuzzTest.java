package dev.warmgate.dialect;

import dev.warmgate.testing.FuzzInputs;
import org.junit.jupiter.api.Test;

/** What was found by {@link StreamFuzz} stays right. */
class StreamFuzzTest {
    @Test
    void keptInputsAndSomeMadeOfThem() {
        FuzzInputs.replay("stream", 2000, StreamFuzz::fuzzerTestOneInput);
    }
}
