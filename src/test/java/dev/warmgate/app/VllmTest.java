package dev.warmgate.app;

import dev.warmgate.testing.Installed;
import dev.warmgate.testing.RealEngine;
import java.io.IOException;

/** Two servers: vLLM on the CPU with a tiny model. */
class VllmTest extends RealEnginesTest {
    @Override
    RealEngine launch() throws IOException {
        return RealEngine.vllm(Installed.engines());
    }
}
