package dev.warmgate.twin.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.twin.workload.Message;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.RequestOutcome.Ending;
import dev.warmgate.twin.workload.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ClassFiguresTest {
    /** Ten seconds: fraud is answered, chat in part, batch not at all, and a warm-up request counts nowhere. */
    private static final List<RequestOutcome> OUTCOMES = List.of(
            answered("fraud", 10, 0, 0.5, 1_000, 800, 11),
            answered("fraud", 10, 1, 1.5, 1_000, 800, 11),
            answered("chat", 0, 2, 3, 4_000, 2_000, 79), // too late: 2.8 s allowed; ends at 10 s
            unanswered("chat", 0, 3, Ending.REFUSED, "expired"),
            unanswered("chat", 0, 4, Ending.NOT_SENT, "not-sent"),
            unanswered("chat", 0, 5, Ending.FAILED, "truncated"),
            unanswered("batch", -10, 6, Ending.REFUSED, "shed"),
            unanswered("batch", -10, 7, Ending.REFUSED, "queue-full"),
            warmUp(answered("batch", -10, 0, 9, 50_000, 0, 500)));

    @Test
    void prioritiesHaveTheFiguresOfTheirRequests() {
        var run = run(OUTCOMES);
        var classes = ClassFigures.of(run, LatencyTarget.INTERACTIVE).byPriority();
        assertThat(classes).extracting(ClassFigures::name).containsExactly("10", "0", "-10");
        var fraud = classes.get(0);
        assertThat(fraud.figures().requests()).isEqualTo(2);
        assertThat(fraud.figures().completed()).isEqualTo(2);
        assertThat(fraud.figures().ttft().mean()).isEqualTo(1);
        assertThat(fraud.figures().hitRatio()).isEqualTo(0.8);
        assertThat(fraud.figures().sloAttainment()).isEqualTo(1);
        assertThat(fraud.figures().goodput())
                .as("per second in which requests were sent")
                .isCloseTo(2 / 7.0, within(1e-9));
        assertThat(fraud.figures().outputTokensPerSecond()).isCloseTo(2.2, within(1e-9));
        assertThat(fraud.figures().itl().mean()).isCloseTo(0.02, within(1e-4));
        assertThat(fraud.prefillShare()).isCloseTo(400 / 2_400.0, within(1e-9));
        assertThat(fraud.decodeShare()).isCloseTo(22 / 101.0, within(1e-9));
        assertThat(fraud.gpuSeconds()).isCloseTo(0.062, within(1e-9));
        assertThat(fraud.gpuShare()).isCloseTo(0.062 / 0.341, within(1e-9));
        var chat = classes.get(1).figures();
        assertThat(chat.requests()).as("offered").isEqualTo(3);
        assertThat(chat.completed()).isEqualTo(1);
        assertThat(chat.sloAttainment()).isZero();
        assertThat(chat.refused()).isEqualTo(Map.of("expired", 1));
        assertThat(chat.failures()).isEqualTo(Map.of("truncated", 1));
        assertThat(chat.notSent()).isEqualTo(1);
        var batch = classes.get(2);
        assertThat(batch.figures().requests()).isEqualTo(2);
        assertThat(batch.figures().ttft()).isEqualTo(Distribution.NONE);
        assertThat(batch.figures().itl()).isEqualTo(Distribution.NONE);
        assertThat(batch.prefillShare()).isZero();
    }

    @Test
    void partsAddUpToTheWhole() {
        var run = run(OUTCOMES);
        var whole = Figures.of(run, LatencyTarget.INTERACTIVE);
        var both = ClassFigures.of(run, LatencyTarget.INTERACTIVE);
        for (var classes : List.of(both.byPriority(), both.byTenant())) {
            var parts = classes.stream().map(ClassFigures::figures).toList();
            assertThat(parts.stream().mapToInt(Figures::requests).sum()).isEqualTo(whole.requests());
            assertThat(parts.stream().mapToInt(Figures::refusals).sum()).isEqualTo(whole.refusals());
            assertThat(parts.stream().mapToInt(Figures::notSent).sum()).isEqualTo(whole.notSent());
            assertThat(parts.stream().mapToDouble(Figures::goodput).sum()).isCloseTo(whole.goodput(), within(1e-9));
            assertThat(classes.stream().mapToDouble(ClassFigures::decodeShare).sum())
                    .isCloseTo(1, within(1e-9));
        }
    }

    @Test
    void theJsonHasClassesByNameAndRefusalsByReason() {
        var policy = json(OUTCOMES);
        assertThat(policy.path("requests").intValue()).isEqualTo(7);
        assertThat(policy.path("failures").propertyNames()).containsExactly("truncated");
        assertThat(policy.path("refused").propertyNames()).containsExactly("expired", "queue-full", "shed");
        assertThat(policy.path("notSent").intValue()).isEqualTo(1);
        assertThat(policy.path("byPriority").propertyNames()).containsExactly("10", "0", "-10");
        assertThat(policy.path("byTenant").propertyNames()).containsExactly("batch", "chat", "fraud");
        var fraud = policy.path("byTenant").path("fraud");
        for (var name : policy.propertyNames()) {
            if (!List.of("preemptions", "imbalance", "seconds", "offeredSeconds", "byPriority", "byTenant")
                    .contains(name)) {
                assertThat(fraud.has(name)).as(name).isTrue();
            }
        }
        assertThat(fraud.path("completed").intValue()).isEqualTo(2);
        assertThat(fraud.path("decodeShare").doubleValue()).isCloseTo(22 / 101.0, within(1e-9));
        assertThat(fraud.path("gpuShare").doubleValue()).isCloseTo(0.062 / 0.341, within(1e-9));
        assertThat(policy.path("byPriority")
                        .path("-10")
                        .path("refused")
                        .path("shed")
                        .intValue())
                .isEqualTo(1);
        assertThat(policy.path("byPriority")
                        .path("-10")
                        .path("ttft")
                        .path("mean")
                        .isNull())
                .isTrue();
    }

    @Test
    void peopleSeeALineForEachClassAndWhatWasRefused() {
        var comparison = comparison(OUTCOMES);
        var lines = TextTable.lines(comparison);
        assertThat(lines)
                .contains(
                        "warm: 1 requests failed (truncated: 1)",
                        "warm: 3 requests refused (expired: 1, queue-full: 1, shed: 1), so 1 that would have followed were"
                                + " never sent")
                .anyMatch(line -> line.matches("refused +3"))
                .anyMatch(line -> line.matches("never sent, after a refusal +1"))
                .anyMatch(
                        line -> line.matches("policy, priority +requests +completed +refused +never sent +TTFT mean.*"))
                .anyMatch(line -> line.matches("warm, 10 +2 +2 +0 +0 +1.00 s +1.50 s .* 21.8 % +18.2 %"))
                .anyMatch(line -> line.matches("warm, batch +2 +0 +2 +0 +- +- .*"));
        var html = HtmlReport.of(comparison);
        assertThat(html)
                .contains(
                        "<h2>By priority</h2>",
                        "<h2>By tenant</h2>",
                        ">policy, tenant<",
                        ">warm, -10<",
                        ">warm, fraud<")
                .contains("3 requests refused")
                .doesNotContain("NaN");
    }

    @Test
    void oneClassIsNotShown() {
        var one = List.of(answered("acme", 5, 0, 1, 100, 0, 10), answered("acme", 5, 9, 1, 100, 0, 10));
        var comparison = comparison(one);
        assertThat(json(one).has("byPriority")).isFalse();
        assertThat(json(one).has("byTenant")).isFalse();
        assertThat(TextTable.lines(comparison)).noneMatch(line -> line.contains("tenant") || line.contains("refused"));
        assertThat(HtmlReport.of(comparison)).doesNotContain("By tenant", "By priority", "refused");
    }

    @Test
    void manyTenantsAreSharedOutAndNotShownToPeople() {
        var outcomes = new ArrayList<RequestOutcome>();
        for (int tenant = 0; tenant < 30; tenant++) {
            for (int i = 0; i <= tenant; i++) {
                outcomes.add(answered("t" + tenant, 0, i, 1, 100, 0, 10));
            }
        }
        outcomes.add(answered(null, 0, 0, 1, 100, 0, 10));
        for (int i = 0; i < 100; i++) {
            outcomes.add(answered("other", 0, i, 1, 100, 0, 10));
        }
        var byTenant = json(outcomes).path("byTenant");
        assertThat(byTenant.propertyNames())
                .hasSize(21)
                .startsWith("t10", "t11")
                .endsWith("t29", "other");
        // Tenants 0 to 9, the one without a name, and the one who is called so.
        assertThat(byTenant.path("other").path("requests").intValue()).isEqualTo(55 + 1 + 100);
        assertThat(TextTable.lines(comparison(outcomes))).noneMatch(line -> line.contains("tenant"));
        assertThat(HtmlReport.of(comparison(outcomes))).doesNotContain("By tenant");
    }

    @Test
    void requestsWithoutATenantHaveAnEntry() {
        var outcomes = List.of(answered(null, 0, 0, 1, 100, 0, 10), answered("acme", 0, 0, 1, 100, 0, 10));
        assertThat(json(outcomes).path("byTenant").propertyNames()).containsExactlyInAnyOrder("none", "acme");
    }

    private static JsonNode json(List<RequestOutcome> outcomes) {
        return new ObjectMapper()
                .readTree(JsonReport.of(comparison(outcomes)))
                .path("policies")
                .path("warm");
    }

    private static Comparison comparison(List<RequestOutcome> outcomes) {
        return Comparison.of(SampleRuns.FACTS, List.of(run(outcomes)), LatencyTarget.INTERACTIVE);
    }

    /** Returns a run with the gaps between tokens that its outcomes say, counted as a run counts them. */
    private static PolicyRun run(List<RequestOutcome> outcomes) {
        var plan = new Plan(
                "test",
                outcomes.stream()
                        .map(outcome -> new PlannedRequest(
                                        null,
                                        outcome.tenant(),
                                        0,
                                        0,
                                        -1,
                                        0,
                                        false,
                                        List.of(Message.of(Message.Role.USER, new Text(1, 10))),
                                        List.of(new Text(2, 10)))
                                .withPriority(outcome.priority()))
                        .toList());
        var gaps = new TokenGaps(plan);
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i).measured() && outcomes.get(i).completed()) {
                gaps.record(i, outcomes.get(i).priority() == 10 ? 20_000 : 90_000);
            }
        }
        return new PolicyRun("warm", outcomes, List.of(), gaps.figures(), -1, List.of(), Map.of());
    }

    private static RequestOutcome answered(
            @Nullable String tenant, int priority, double sent, double ttft, int prompt, int cached, int output) {
        double tpot = 5 / 78.0;
        return new RequestOutcome(
                "test",
                tenant,
                priority,
                sent,
                sent + ttft + tpot * (output - 1),
                ttft,
                tpot,
                prompt,
                cached,
                output,
                (prompt - cached) * 1e-4 + output * 1e-3,
                -1,
                true,
                Ending.COMPLETED,
                null);
    }

    private static RequestOutcome warmUp(RequestOutcome outcome) {
        return new RequestOutcome(
                outcome.workload(),
                outcome.tenant(),
                outcome.priority(),
                outcome.sentSeconds(),
                outcome.endSeconds(),
                outcome.ttftSeconds(),
                outcome.tpotSeconds(),
                outcome.promptTokens(),
                outcome.cachedTokens(),
                outcome.outputTokens(),
                outcome.workSeconds(),
                outcome.endpoint(),
                false,
                outcome.ending(),
                outcome.failure());
    }

    private static RequestOutcome unanswered(String tenant, int priority, double at, Ending ending, String failure) {
        return new RequestOutcome(
                "test", tenant, priority, at, at, -1, -1, 0, -1, 0, Double.NaN, -1, true, ending, failure);
    }
}
