package dev.warmgate.proxy;

import dev.warmgate.testing.FuzzInputs;
import org.junit.jupiter.api.Test;

/** What was found by {@link HttpFuzz} stays right. */
class HttpFuzzTest {
    @Test
    void keptInputsAndSomeMadeOfThem() {
        try {
            FuzzInputs.replay("http", 30, HttpFuzz::fuzzerTestOneInput);
            HttpFuzz.assertQuiet();
        } finally {
            HttpFuzz.close();
        }
    }
}
