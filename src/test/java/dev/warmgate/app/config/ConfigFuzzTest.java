package dev.warmgate.app.config;

import dev.warmgate.testing.FuzzInputs;
import org.junit.jupiter.api.Test;

/** What was found by {@link ConfigFuzz} stays right. */
class ConfigFuzzTest {
    @Test
    void keptInputsAndSomeMadeOfThem() {
        FuzzInputs.replay("config", 300, ConfigFuzz::fuzzerTestOneInput);
    }
}
