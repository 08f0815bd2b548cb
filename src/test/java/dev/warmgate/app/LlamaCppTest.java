package dev.warmgate.app;

import dev.warmgate.testing.Installed;
import dev.warmgate.testing.RealEngine;
import java.io.IOException;

/** Two servers: llama-server with SmolLM2. */
class LlamaCppTest extends RealEnginesTest {
    @Override
    RealEngine launch() throws IOException {
        return RealEngine.llama(Installed.engines());
    }
}
