package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class QuestionsWorkloadTest {
    private static final long SEED = 20_261_125;

    @Test
    void documentsAreAskedSixTimesOnAverage() {
        var asked = byFirstText(Workloads.plan("documents", SEED, 1));
        assertThat(asked.keySet()).allMatch(text -> text.tokens() == 48_000);
        assertThat(asked.size()).as("documents asked about, seed %d", SEED).isBetween(170, 192);
        assertThat(asked.values().stream().mapToLong(count -> count).sum() / 192.0)
                .isCloseTo(6, within(0.4));
        // Zipf 0.8 over 192: the first has 1/Σ i^-0.8 = 10.1 % of the requests.
        assertThat(asked.values().stream().mapToLong(count -> count).max().orElse(0) / 1_152.0)
                .isCloseTo(0.101, within(0.025));
    }

    @Test
    void toolsHaveShortAnswersBehindManyPrompts() {
        var plan = Workloads.plan("tools", SEED, 1);
        var tools = byFirstText(plan).keySet();
        assertThat(tools.size()).as("tools called, seed %d", SEED).isBetween(290, 300);
        assertThat(tools).allMatch(text -> text.tokens() >= 3_000 && text.tokens() <= 8_000);
        assertThat(plan.requests()).allMatch(r -> r.outputTokens() >= 20 && r.outputTokens() <= 200);
    }

    @Test
    void reasoningAsksEachPromptThreeTimes() {
        var plan = Workloads.plan("reasoning", SEED, 1);
        assertThat(byFirstText(plan).keySet()).singleElement().matches(text -> text.tokens() == 250);
        var prompts = plan.requests().stream()
                .collect(Collectors.groupingBy(r -> r.input().getLast(), Collectors.counting()));
        assertThat(prompts.keySet()).allMatch(message -> message.tokens() == 1_000);
        assertThat((double) plan.requests().size() / prompts.size()).isCloseTo(3.15, within(0.2));
        assertThat(plan.requests().stream()
                        .mapToInt(PlannedRequest::outputTokens)
                        .max()
                        .orElse(0))
                .isLessThanOrEqualTo(16_000)
                .isGreaterThan(12_000);
    }

    @Test
    void blindRequestsHaveNothingInCommon() {
        var plan = Workloads.plan("blind", SEED, 1);
        assertThat(byFirstText(plan).values()).allMatch(count -> count == 1);
        // Lognormal: σ 0.7 around 2,000, so two thirds are between 1,000 and 4,000.
        double between = plan.requests().stream()
                .filter(r -> r.inputTokens() >= 1_000 && r.inputTokens() <= 4_000)
                .count();
        assertThat(between / plan.requests().size()).as("seed %d", SEED).isCloseTo(0.678, within(0.02));
    }

    @Test
    void mixedIsHalfChatAndAQuarterEachCodingAndBatches() {
        var plan = Workloads.plan("mixed", SEED, 1);
        var kinds = plan.requests().stream()
                .map(r -> String.valueOf(r.session()).replaceAll("-.*", ""))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        double all = plan.requests().size();
        assertThat(kinds.keySet()).containsExactlyInAnyOrder("chat", "coding", "batch");
        assertThat(kinds.getOrDefault("chat", 0L) / all)
                .as("chat, seed %d", SEED)
                .isCloseTo(0.5, within(0.04));
        assertThat(kinds.getOrDefault("coding", 0L) / all)
                .as("coding, seed %d", SEED)
                .isCloseTo(0.25, within(0.05));
        assertThat(kinds.getOrDefault("batch", 0L) / all)
                .as("batch, seed %d", SEED)
                .isCloseTo(0.25, within(0.05));
        var batches = plan.requests().stream()
                .filter(r -> String.valueOf(r.session()).startsWith("batch"))
                .collect(Collectors.groupingBy(PlannedRequest::atSeconds, Collectors.counting()));
        assertThat(batches.values()).allMatch(count -> count == 64);
    }

    @Test
    void codeGenContextsAreLongAndNobodyElses() {
        var sessions = new CodeGenWorkload().sessions(SEED, 20_000);
        var contexts = sessions.stream()
                .map(session -> session.turns().getFirst().input().getFirst())
                .toList();
        assertThat(contexts).doesNotHaveDuplicates();
        assertThat(contexts).allMatch(context -> context.tokens() >= 3_000 && context.tokens() <= 100_000);
        assertThat(mean(contexts.stream().map(Message::tokens).toList()))
                .as("context, seed %d", SEED)
                .isCloseTo(55_000, within(1_500.0));
        var turns = sessions.stream().map(session -> session.turns().size()).toList();
        assertThat(turns).allMatch(count -> count >= 2 && count <= 20);
        assertThat(mean(turns)).as("turns, seed %d", SEED).isCloseTo(6, within(0.3));
        assertThat(sessions.stream().flatMap(session -> session.turns().stream()))
                .allMatch(turn -> turn.thinkSeconds() == 0);
    }

    @Test
    void lengthsStayInTheirRange() {
        var random = new SplittableRandom(SEED);
        var lengths = Lengths.ofMean(50, 2, 10, 90);
        for (int i = 0; i < 1_000; i++) {
            assertThat(lengths.sample(random)).isBetween(10, 90);
            assertThat(Lengths.exactly(48_000).sample(random)).isEqualTo(48_000);
        }
    }

    private static double mean(List<Integer> values) {
        return values.stream().mapToInt(value -> value).average().orElse(0);
    }

    private static Map<Text, Long> byFirstText(Plan plan) {
        return plan.requests().stream()
                .collect(Collectors.groupingBy(r -> r.input().getFirst().parts().getFirst(), Collectors.counting()));
    }
}
