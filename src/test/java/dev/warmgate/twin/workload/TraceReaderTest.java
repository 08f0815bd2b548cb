package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceReaderTest {
    private static final String GOOD = """
            {"timestamp": 27, "input_length": 1000, "output_length": 5, "hash_ids": [0, 9]}
            """;

    @Test
    void readsRequestsAndSkipsEmptyLines(@TempDir Path folder) throws IOException, TraceException {
        var file = folder.resolve("trace.jsonl");
        Files.writeString(file, GOOD + "\n" + GOOD.replace("27", "28"));
        assertThat(TraceReader.read(file))
                .containsExactly(
                        new TraceRequest(27, 1000, 5, List.of(0, 9)), new TraceRequest(28, 1000, 5, List.of(0, 9)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"timestamp": 27                                                                | not JSON
            [27]                                                                            | not a JSON object
            {"input_length": 1, "output_length": 5, "hash_ids": [0]}                        | timestamp: missing
            {"timestamp": -1, "input_length": 1, "output_length": 5, "hash_ids": [0]}       | timestamp: -1 (expected: a whole number of at least 0)
            {"timestamp": "27", "input_length": 1, "output_length": 5, "hash_ids": [0]}     | timestamp: "27" (expected
            {"timestamp": 27, "input_length": 0, "output_length": 5, "hash_ids": []}        | input_length: 0 (expected
            {"timestamp": 27, "input_length": 1, "output_length": 1.5, "hash_ids": [0]}     | output_length: 1.5 (expected
            {"timestamp": 27, "input_length": 1, "output_length": 9876543210, "hash_ids": [0]} | output_length: 9876543210 (expected
            {"timestamp": 27, "input_length": 1, "output_length": 5}                        | hash_ids: missing
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": 0}         | hash_ids: 0 (expected: a list
            {"timestamp": 27, "input_length": 513, "output_length": 5, "hash_ids": [0]}     | hash_ids: 1 of them (expected: 2
            {"timestamp": 27, "input_length": 513, "output_length": 5, "hash_ids": [0, "x"]} | hash_ids[1]: "x" (expected
            {"timestamp": 26, "input_length": 1, "output_length": 5, "hash_ids": [0]}       | timestamp: 26 (expected: at least 27
            """)
    void namesFileLineFieldAndReason(String line, String reason) {
        assertThatThrownBy(() -> TraceReader.read("some.jsonl", new StringReader(GOOD + line)))
                .isInstanceOf(TraceException.class)
                .hasMessageStartingWith("some.jsonl:2: ")
                .hasMessageContaining(reason);
    }
}
