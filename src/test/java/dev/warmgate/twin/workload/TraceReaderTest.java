package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReaderTest {
    private static final String GOOD = """
            {"timestamp": 27, "input_length": 1000, "output_length": 5, "hash_ids": [0, 9]}
            """;

    @Test
    void readsWhatMooncakePublishedAndCountsEmptyLines() throws IOException, TraceException {
        assertThat(read("\n" + GOOD + "  \n" + GOOD.replace("27", "3.5").replace("\n", "\r\n")))
                .containsExactly(
                        new TraceLine(1, 27, 1000, 5, List.of(0L, 9L), null, null, null, -1, 0),
                        new TraceLine(3, 3.5, 1000, 5, List.of(0L, 9L), null, null, null, -1, 0));
    }

    @Test
    void readsEveryAdditionAndIgnoresOthers() throws IOException, TraceException {
        assertThat(read(GOOD + """
                {"input_length": 700, "output_length": 900, "hash_ids": [0, 8], "output_hash_ids": [1, 9223372036854775807], "session": 7, "tenant": "öffentlich", "after": 0, "delay": 1.5, "priority": -10, "deadline": 0.5, "type": "text", "x": {}}
                {"timestamp": null, "input_length": 1, "output_length": 1, "hash_ids": [0], "output_hash_ids": [], "session": null, "tenant": null, "priority": null, "deadline": null, "after": 1}"""))
                .endsWith(
                        new TraceLine(
                                1,
                                0,
                                700,
                                900,
                                List.of(0L, 8L),
                                List.of(1L, Long.MAX_VALUE),
                                "7",
                                "öffentlich",
                                0,
                                1.5,
                                -10,
                                0.5),
                        new TraceLine(2, 0, 1, 1, List.of(0L), List.of(), null, null, 1, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"timestamp": 27                                                                       | not JSON: Unexpected end-of-input
            {"timestamp": 27} {}                                                                   | not JSON: Trailing token
            {"timestamp": 27, "timestamp": 28}                                                     | not JSON: Duplicate Object property "timestamp"
            [27]                                                                                   | not a JSON object
            {"input_length": 1, "output_length": 5, "hash_ids": [0]}                               | timestamp: missing
            {"timestamp": null, "input_length": 1, "output_length": 5, "hash_ids": [0]}            | timestamp: null (expected: milliseconds, 0 to 10000000000)
            {"timestamp": -1, "input_length": 1, "output_length": 5, "hash_ids": [0]}              | timestamp: -1 (expected: milliseconds, 0 to 10000000000)
            {"timestamp": 1e11, "input_length": 1, "output_length": 5, "hash_ids": [0]}            | timestamp: 1.0E11 (expected: milliseconds, 0 to 10000000000)
            {"timestamp": "27", "input_length": 1, "output_length": 5, "hash_ids": [0]}            | timestamp: "27" (expected: milliseconds, 0 to 10000000000)
            {"timestamp": 27, "output_length": 5, "hash_ids": [0]}                                 | input_length: missing
            {"timestamp": 27, "input_length": 0, "output_length": 5, "hash_ids": []}               | input_length: 0 (expected: a whole number, 1 to 10000000)
            {"timestamp": 27, "input_length": 10000001, "output_length": 5, "hash_ids": [0]}       | input_length: 10000001 (expected: a whole number, 1 to 10000000)
            {"timestamp": 27, "input_length": 1, "hash_ids": [0]}                                  | output_length: missing
            {"timestamp": 27, "input_length": 1, "output_length": 1.5, "hash_ids": [0]}            | output_length: 1.5 (expected: a whole number, 1 to 10000000)
            {"timestamp": 27, "input_length": 1, "output_length": 98765432109876543210, "hash_ids": [0]} | output_length: 98765432109876543210 (expected: a whole number, 1 to 10000000)
            {"timestamp": 27, "input_length": 1, "output_length": 5}                               | hash_ids: missing
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": 0}                | hash_ids: 0 (expected: a list of whole numbers)
            {"timestamp": 27, "input_length": 513, "output_length": 5, "hash_ids": [0]}            | hash_ids: 1 of them (expected: 2, one for each 512 of 513 tokens)
            {"timestamp": 27, "input_length": 513, "output_length": 5, "hash_ids": [0, "x"]}       | hash_ids[1]: "x" (expected: a whole number, 0 to 2^63-1)
            {"timestamp": 27, "input_length": 513, "output_length": 5, "hash_ids": [0, -1]}        | hash_ids[1]: -1 (expected: a whole number, 0 to 2^63-1)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "output_hash_ids": 1}     | output_hash_ids: 1 (expected: a list of whole numbers)
            {"timestamp": 27, "input_length": 1, "output_length": 511, "hash_ids": [0], "output_hash_ids": []}  | output_hash_ids: 0 of them (expected: 1, one for each block of 512 tokens that is completed between token 1 and 512)
            {"timestamp": 27, "input_length": 1, "output_length": 510, "hash_ids": [0], "output_hash_ids": [1]} | output_hash_ids: 1 of them (expected: 0, one for each block of 512 tokens that is completed between token 1 and 511)
            {"timestamp": 27, "input_length": 1, "output_length": 511, "hash_ids": [0], "output_hash_ids": [0.5]} | output_hash_ids[0]: 0.5 (expected: a whole number, 0 to 2^63-1)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "session": true}    | session: true (expected: a string of 1 to 256 characters, or a whole number)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "tenant": ""}       | tenant: "" (expected: a string of 1 to 256 characters, or a whole number)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "priority": 1.5}    | priority: 1.5 (expected: a whole number, -1000 to 1000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "priority": "high"} | priority: "high" (expected: a whole number, -1000 to 1000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "priority": 1001}   | priority: 1001 (expected: a whole number, -1000 to 1000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "priority": -1001}  | priority: -1001 (expected: a whole number, -1000 to 1000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "deadline": 0}      | deadline: 0 (expected: milliseconds, above 0, at most 86400000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "deadline": -5}     | deadline: -5 (expected: milliseconds, above 0, at most 86400000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "deadline": "5"}    | deadline: "5" (expected: milliseconds, above 0, at most 86400000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "deadline": 1e9}    | deadline: 1.0E9 (expected: milliseconds, above 0, at most 86400000)
            {"timestamp": 27, "input_length": 1, "output_length": 5, "hash_ids": [0], "delay": 5}         | delay: 5 (expected: only together with after)
            {"input_length": 1, "output_length": 5, "hash_ids": [0], "after": 0, "delay": -1}             | delay: -1 (expected: milliseconds, 0 to 86400000)
            {"input_length": 1, "output_length": 5, "hash_ids": [0], "after": -1}                         | after: -1 (expected: number of an earlier line, counted from 0; this is line 2)
            {"input_length": 1, "output_length": 5, "hash_ids": [0], "after": 2}                          | after: 2 (expected: number of an earlier line, counted from 0; this is line 2)
            {"input_length": 1, "output_length": 5, "hash_ids": [0], "after": "0"}                        | after: "0" (expected: number of an earlier line, counted from 0; this is line 2)
            {"input_length": 1, "output_length": 5, "hash_ids": [0], "after": 1}                          | after: 1 (expected: number of an earlier line, counted from 0; that one is empty)
            """)
    void namesFileLineFieldAndReason(String line, String reason) {
        assertThatThrownBy(() -> read(GOOD + "\n" + line))
                .isInstanceOf(TraceException.class)
                .hasMessageStartingWith("some.jsonl:3: " + reason);
    }

    @Test
    void repeatsOnlyTheBeginningOfALongValue() {
        assertThatThrownBy(() -> read(GOOD.replace("}", ", \"session\": \"" + "x".repeat(1_000) + "\"}")))
                .hasMessage("some.jsonl:1: session: \"" + "x".repeat(79)
                        + "… (expected: a string of 1 to 256 characters, or a whole number)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \n\r\n\t"})
    void refusesAnEmptyFile(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(TraceException.class)
                .hasMessage("some.jsonl: no requests (expected: at least one line)");
    }

    @Test
    void refusesWhatHasNoEnd() {
        assertThatThrownBy(() -> read(GOOD + " ".repeat(TraceReader.MAX_LINE_CHARS + 1)))
                .hasMessage("some.jsonl:2: too long (expected: at most 16777216 characters)");
        assertThatThrownBy(() -> read("\n".repeat(TraceReader.MAX_LINES + 1)))
                .hasMessage("some.jsonl: too long (expected: at most 1000000 lines)");
    }

    private static List<TraceLine> read(String text) throws IOException, TraceException {
        return new TraceReader("some.jsonl", new StringReader(text), 512).read();
    }
}
