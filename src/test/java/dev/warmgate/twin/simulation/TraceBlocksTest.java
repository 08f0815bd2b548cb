package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.workload.TraceException;
import dev.warmgate.twin.workload.TracePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceBlocksTest {
    @Test
    void theEngineFindsTheAnswerOfATurnInTheNextOne(@TempDir Path folder) throws IOException, TraceException {
        var file = folder.resolve("trace.jsonl");
        Files.writeString(file, """
                {"timestamp": 0, "input_length": 700, "output_length": 900, "hash_ids": [1, 2], "output_hash_ids": [3, 4]}
                {"input_length": 1700, "output_length": 9, "hash_ids": [1, 3, 4, 5], "after": 0}
                """);
        var shape = new PromptShape();
        var plan = TracePlan.read(file, TracePlan.DEFAULT_BLOCK_TOKENS, 1);
        shape.read(plan, 0);
        var first = shape.sequence();
        shape.read(plan, 1);
        var second = shape.sequence();
        int shared = 0;
        while (first.hash(shared) == second.hash(shared)) {
            shared++;
        }
        // All three blocks of 512 tokens that the first turn filled, in the engine's blocks of 16.
        assertThat(shared).isEqualTo(3 * 512 / 16);
    }
}
