package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracePlanTest {
    private static final int BLOCK = 100;

    @Test
    void readsAFile(@TempDir Path folder) throws IOException, TraceException {
        var file = folder.resolve("trace.jsonl");
        Files.writeString(file, """
                {"timestamp": 3000, "input_length": 1000, "output_length": 5, "hash_ids": [4, 9], "session": "s", "tenant": 3, "priority": 7, "deadline": 2500}
                {"timestamp": 1000, "input_length": 512, "output_length": 5, "hash_ids": [4]}
                """);
        var plan = TracePlan.read(file, TracePlan.DEFAULT_BLOCK_TOKENS, 0.5);
        assertThat(plan.name()).isEqualTo("trace.jsonl");
        var first = plan.requests().get(0);
        var second = plan.requests().get(1);
        assertThat(first.session()).isEqualTo("s");
        assertThat(first.tenant()).isEqualTo("3");
        assertThat(first.priority()).isEqualTo(7);
        assertThat(first.deadlineSeconds()).isEqualTo(2.5);
        assertThat(first.atSeconds()).isEqualTo(1.5);
        assertThat(first.outputTokens()).isEqualTo(5);
        assertThat(parts(first)).extracting(Text::tokens).containsExactly(512, 488);
        assertThat(second.session()).isNull();
        assertThat(second.tenant()).isNull();
        assertThat(second.priority()).isZero();
        assertThat(second.hasDeadline()).isFalse();
        assertThat(second.atSeconds()).isEqualTo(0.5);
        assertThat(parts(second)).containsExactly(parts(first).getFirst());
        assertThat(first.answer()).isNotEqualTo(second.answer()).doesNotContainAnyElementsOf(parts(first));
    }

    @Test
    void sendsALineAfterTheEndOfAnother() throws IOException, TraceException {
        var requests = plan(2, """
                {"timestamp": 1000, "input_length": 50, "output_length": 100, "hash_ids": [1]}

                {"input_length": 50, "output_length": 40, "hash_ids": [2], "after": 0, "delay": 500}
                {"timestamp": 9, "input_length": 50, "output_length": 40, "hash_ids": [3], "after": 2}
                """);
        assertThat(requests).extracting(PlannedRequest::after).containsExactly(-1, 0, 1);
        assertThat(requests).extracting(PlannedRequest::delaySeconds).containsExactly(0.0, 0.5, 0.0);
        assertThat(requests).noneMatch(PlannedRequest::continues);
        // 2 s by the clock; 0.3 s + 100 × 25 ms until it ends, and so on.
        assertThat(requests.get(1).atSeconds()).isCloseTo(2 + 2.8 + 0.5, within(1e-9));
        assertThat(requests.get(2).atSeconds()).isCloseTo(2 + 2.8 + 0.5 + 1.3, within(1e-9));
    }

    @Test
    void sharesAnAnswerWithThePromptsThatContainIt() throws IOException, TraceException {
        var requests = plan(1, """
                {"timestamp": 0, "input_length": 130, "output_length": 180, "hash_ids": [1, 2], "output_hash_ids": [3, 4]}
                {"input_length": 350, "output_length": 10, "hash_ids": [1, 3, 4, 5], "after": 0}
                {"timestamp": 0, "input_length": 140, "output_length": 10, "hash_ids": [1, 3]}
                """);
        var conversation = new ArrayList<>(parts(requests.get(0)));
        conversation.addAll(requests.get(0).answer());
        assertThat(conversation).extracting(Text::tokens).containsExactly(100, 30, 70, 100, 10);
        // What came before in the answer's last, incomplete block has no name; all blocks before it are shared.
        assertThat(parts(requests.get(1)).subList(0, 4)).isEqualTo(conversation.subList(0, 4));
        assertThat(parts(requests.get(1)).get(4).stream()).isNotEqualTo(conversation.get(4).stream());
        // A prompt that ends inside of the block that the answer completed.
        assertThat(parts(requests.get(2)))
                .startsWith(conversation.get(0), conversation.get(1))
                .endsWith(new Text(conversation.get(2).stream(), 10));
    }

    @Test
    void anAnswerOfWholeBlocksIsTheirTexts() throws IOException, TraceException {
        var requests = plan(1, """
                {"timestamp": 0, "input_length": 100, "output_length": 200, "hash_ids": [1], "output_hash_ids": [2, 3]}
                {"timestamp": 0, "input_length": 300, "output_length": 200, "hash_ids": [1, 2, 3]}
                """);
        var conversation = new ArrayList<>(parts(requests.get(0)));
        conversation.addAll(requests.get(0).answer());
        assertThat(parts(requests.get(1))).isEqualTo(conversation);
        assertThat(requests.get(1).answer()).hasSize(1);
    }

    @Test
    void blocksMayBeNamedByTheirPlace() throws IOException, TraceException {
        var requests = plan(1, """
                {"timestamp": 0, "input_length": 130, "output_length": 70, "hash_ids": [1, 2], "output_hash_ids": [2]}
                {"timestamp": 0, "input_length": 250, "output_length": 10, "hash_ids": [1, 2, 3]}
                """);
        var conversation = new ArrayList<>(parts(requests.get(0)));
        conversation.addAll(requests.get(0).answer());
        assertThat(parts(requests.get(1))).startsWith(conversation.toArray(Text[]::new));
        assertThat(conversation.stream().map(Text::stream)).doesNotHaveDuplicates();
    }

    @Test
    void theFirstLineSaysHowABlockIsCompleted() throws IOException, TraceException {
        var requests = plan(1, """
                {"timestamp": 0, "input_length": 30, "output_length": 70, "hash_ids": [1], "output_hash_ids": [9]}
                {"timestamp": 0, "input_length": 30, "output_length": 70, "hash_ids": [1], "output_hash_ids": [9]}
                {"timestamp": 0, "input_length": 50, "output_length": 50, "hash_ids": [2], "output_hash_ids": [9]}
                {"timestamp": 0, "input_length": 100, "output_length": 1, "hash_ids": [9]}
                """);
        assertThat(requests.get(1).answer()).isEqualTo(requests.get(0).answer());
        assertThat(parts(requests.get(3)))
                .containsExactly(
                        parts(requests.get(0)).getFirst(),
                        requests.get(0).answer().getFirst());
        assertThat(requests.get(2).answer()).hasSize(1).doesNotContainAnyElementsOf(parts(requests.get(3)));
        assertThat(requests.get(2).outputTokens()).isEqualTo(50);
    }

    @Test
    void readsThePublishedTraceAsItself() throws IOException, TraceException {
        var whole = ConversationTrace.whole().subList(0, 500);
        var text = new StringBuilder();
        for (var request : whole) {
            text.append("{\"timestamp\": %d, \"input_length\": %d, \"output_length\": %d, \"hash_ids\": %s}\n"
                    .formatted(
                            request.timestampMillis(),
                            request.inputTokens(),
                            request.outputTokens(),
                            request.blocks()));
        }
        var plan = TracePlan.read("trace", "trace", new StringReader(text.toString()), 512, 1);
        for (int i = 0; i < whole.size(); i++) {
            // Blocks come in the order of their ids in this trace, so that streams are numbered as they are.
            assertThat(plan.requests().get(i).input())
                    .containsExactly(whole.get(i).message(TraceWorkload.BLOCK_STREAM));
            assertThat(plan.requests().get(i).answer())
                    .isEqualTo(Plan.answer(i, whole.get(i).outputTokens()));
        }
    }

    @Test
    void readsTheExamplesOfTheDocumentation() throws IOException, TraceException {
        var examples = Files.readAllLines(Path.of("docs/workloads.md")).stream()
                .filter(line -> line.startsWith("{"))
                .toList();
        var text = new StringReader(String.join("\n", examples));
        assertThat(TracePlan.read("docs", "docs", text, TracePlan.DEFAULT_BLOCK_TOKENS, 1)
                        .requests())
                .hasSize(4);
    }

    @Test
    void refusesOtherEncodings(@TempDir Path folder) throws IOException {
        var file = folder.resolve("trace.jsonl");
        Files.write(file, new byte[] {'{', (byte) 0xff, '}'});
        assertThatThrownBy(() -> TracePlan.read(file, BLOCK, 1)).hasMessage(file + ": not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001})
    void refusesBlocksOfNoSize(int blockTokens) {
        assertThatThrownBy(() -> TracePlan.read("trace", "trace", new StringReader(""), blockTokens, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("blockTokens: " + blockTokens + " (expected: 1 to 1000000)");
    }

    @Test
    void refusesATimeScaleOutOfRange() {
        assertThatThrownBy(() -> TracePlan.read("trace", "trace", new StringReader(""), BLOCK, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeScale: 0.0 (expected: 0.001 to 100.0)");
    }

    private static List<PlannedRequest> plan(double timeScale, String text) throws IOException, TraceException {
        return TracePlan.read("trace", "trace", new StringReader(text), BLOCK, timeScale)
                .requests();
    }

    private static List<Text> parts(PlannedRequest request) {
        return request.input().getFirst().parts();
    }
}
