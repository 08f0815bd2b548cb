package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadsTest {
    private static final long SEED = 20_261_124;
    static final List<String> NAMES = Workloads.names();

    @ParameterizedTest
    @FieldSource("NAMES")
    void equalSeedsGiveEqualPlansAndOthersDoNot(String name) {
        var requests = Workloads.plan(name, SEED, 1).requests();
        assertThat(Workloads.plan(name, SEED, 1).requests()).isEqualTo(requests);
        if (!name.equals("conversation-raw")) {
            assertThat(Workloads.plan(name, SEED + 1, 1).requests()).isNotEqualTo(requests);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void theTimeScaleMultipliesArrivalsOnly(String name) {
        var plain = firsts(Workloads.plan(name, SEED, 1));
        var slow = firsts(Workloads.plan(name, SEED, 1.5));
        // Generated workloads are not offered for longer, so fewer requests come.
        assertThat(slow).hasSizeBetween(plain.size() * 5 / 10, plain.size());
        for (int i = 0; i < slow.size(); i++) {
            assertThat(slow.get(i).atSeconds()).isCloseTo(1.5 * plain.get(i).atSeconds(), within(1e-6));
            if (!name.equals("hotspot")) {
                // What is hot changes with the quarters of the shorter window.
                assertThat(slow.get(i).input()).isEqualTo(plain.get(i).input());
            }
            assertThat(slow.get(i).stage()).isEqualTo(plain.get(i).stage());
        }
    }

    /** Requests, mean prompt, mean answer, and what a cache that forgets nothing would hit. */
    @ParameterizedTest
    @CsvSource({
        "coding,            7400, 32000,  368, 0.97, 0.10",
        "hotspot,          18000,  9629,  256, 0.94, 0.03",
        "tenants,          12000,  7200,  300, 0.81, 0.03",
        "groups,           12000,  7200,  300, 0.82, 0.03",
        "conversation,     12031, 12035,  343, 0.37, 0.002",
        "conversation-raw, 12031, 12035,  343, 0.37, 0.002",
        "chat,             17000,  2750,  302, 0.87, 0.05",
        "ladder,           17084,  7200, 1000, 0.985, 0",
        "ladder-70b,        6830,  9000, 1000, 0.982, 0",
        "agents,            3000, 45000,  420, 0.97, 0.25",
        "code-gen,          2500, 64000,  800, 0.835, 0.05",
        "documents,         1152, 48108,  200, 0.84, 0.06",
        "tools,            13200,  5950,   73, 0.86, 0.05",
        "rollouts,          5000,  5950, 1970, 0.955, 0.2",
        "reasoning,         4480,  1250, 2970, 0.75, 0.04",
        "blind,            14040,  2560,  300, 0, 0.03",
        "mixed,            12700,  8900,  319, 0.87, 0.06",
        "mixed-priority,   27700,  5450,  312, 0.233, 0.03",
        "noisy-tenant,     12700,  7600,  303, 0.24, 0.04",
        "equal-tenants,    36900,  2440,  300, 0, 0.03",
    })
    void hasTheShapeOfItsDefinition(
            String name, int requests, double prompt, double output, double hit, double tolerance) {
        var plan = Workloads.plan(name, SEED, 1);
        int count = plan.requests().size();
        double prompts = 0;
        double outputs = 0;
        for (int i = 0; i < count; i++) {
            prompts += plan.promptTokens(i);
            outputs += plan.requests().get(i).outputTokens();
        }
        assertThat(plan.name()).isEqualTo(name);
        assertThat((double) count).as("requests, seed %d", SEED).isCloseTo(requests, within(tolerance * requests));
        assertThat(prompts / count).as("prompt tokens, seed %d", SEED).isCloseTo(prompt, within(tolerance * prompt));
        assertThat(outputs / count).as("output tokens, seed %d", SEED).isCloseTo(output, within(tolerance * output));
        assertThat(hits(plan) / prompts).as("hit share at best, seed %d", SEED).isCloseTo(hit, within(0.02));
    }

    @Test
    void codingCutsTurnsThatWouldBeginAfterTheWindow() {
        assertThat(Workloads.plan("coding", SEED, 0.5).requests())
                .allMatch(request -> request.atSeconds() <= 450)
                .filteredOn(PlannedRequest::continues)
                .allMatch(request -> request.delaySeconds() <= 300);
    }

    @Test
    void tenantsPrefixesFillTheFleet() {
        var plan = Workloads.plan("tenants", SEED, 1);
        double distinct = prefixes(plan, request -> true).size();
        // Some of the rarest never come up in ten minutes.
        assertThat(distinct * 6_000 / (8 * 307_328)).as("seed %d", SEED).isBetween(0.95, 0.98);
        long most = plan.requests().stream()
                .filter(r -> "tenant-0".equals(r.tenant()))
                .count();
        // Zipf 1.0 over 400: the first tenant has 1/Σ i^-1 = 15 % of the requests.
        assertThat((double) most / plan.requests().size()).isCloseTo(0.152, within(0.015));
    }

    @Test
    void groupsAreAlike() {
        var plan = Workloads.plan("groups", SEED, 1);
        assertThat(prefixes(plan, request -> true)).hasSize(150);
        assertThat(plan.requests()).allMatch(request -> request.tenant() == null && request.session() == null);
    }

    @Test
    void hotspotMovesEveryQuarterAndBursts() {
        var plan = Workloads.plan("hotspot", SEED, 1);
        for (int quarter = 0; quarter < 4; quarter++) {
            double from = quarter * 150;
            var inside = plan.requests().stream()
                    .filter(r -> r.atSeconds() >= from && r.atSeconds() < from + 150)
                    .toList();
            var hot = inside.stream()
                    .map(WorkloadsTest::prefix)
                    .filter(text -> text.tokens() == 12_000)
                    .toList();
            assertThat(hot.stream().distinct()).hasSize(quarter == 0 ? 0 : 1);
            assertThat((double) hot.size() / inside.size()).isCloseTo(quarter == 0 ? 0 : 0.7, within(0.03));
        }
        assertThat(prefixes(plan, request -> true)).hasSize(403);
        long burst =
                plan.requests().stream().filter(r -> r.atSeconds() % 40 < 10).count();
        assertThat(burst / 150.0).as("requests per second, seed %d", SEED).isCloseTo(60, within(2.0));
        assertThat((plan.requests().size() - burst) / 450.0).isCloseTo(20, within(1.0));
    }

    @Test
    void chatHasTenantsAndGeometricTurns() {
        var sessions = new ChatWorkload(ChatWorkload.SESSIONS_PER_SECOND).sessions(SEED, 900);
        assertThat(sessions.size() / 900.0)
                .as("sessions per second, seed %d", SEED)
                .isCloseTo(6, within(0.3));
        assertThat(sessions.stream().mapToInt(s -> s.turns().size()).average().orElse(0))
                .as("turns, seed %d", SEED)
                .isCloseTo(1 / 0.28, within(0.1));
        assertThat(sessions).allMatch(session -> session.turns().size() <= 30 && session.tenant() != null);
        assertThat(sessions.stream().map(Session::tenant).distinct()).hasSize(40);
        assertThat(Workloads.plan("chat", SEED, 1).requests())
                .allMatch(request -> request.tenant() != null && request.session() != null);
    }

    @Test
    void sayWhichNamesThereAre() {
        assertThatThrownBy(() -> Workloads.plan("code", SEED, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("workload: code (expected: one of coding, hotspot, tenants, groups, conversation,"
                        + " conversation-raw, chat, ladder, ladder-70b, agents, code-gen, documents, tools, rollouts,"
                        + " reasoning, blind, mixed, mixed-priority, noisy-tenant, equal-tenants)");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0.0009, 101, Double.NaN, Double.POSITIVE_INFINITY})
    void refuseOtherTimeScales(double timeScale) {
        assertThatThrownBy(() -> Workloads.plan("coding", SEED, timeScale))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeScale: " + timeScale + " (expected: 0.001 to 100.0)");
    }

    private static List<PlannedRequest> firsts(Plan plan) {
        return plan.requests().stream().filter(request -> request.after() < 0).toList();
    }

    private static Text prefix(PlannedRequest request) {
        return request.input().getFirst().parts().getFirst();
    }

    private static List<Text> prefixes(Plan plan, Predicate<PlannedRequest> which) {
        return plan.requests().stream()
                .filter(which)
                .map(WorkloadsTest::prefix)
                .distinct()
                .toList();
    }

    /** Returns the prompt tokens that some request before has had at the same place after the same words. */
    private static double hits(Plan plan) {
        var seen = new HashSet<Long>();
        var ends = new long[plan.requests().size()];
        double hits = 0;
        for (int i = 0; i < ends.length; i++) {
            var request = plan.requests().get(i);
            long chain = request.continues() ? ends[request.after()] : 0;
            hits += request.continues() ? plan.promptTokens(i) - request.inputTokens() : 0;
            boolean hit = true;
            for (var message : request.input()) {
                for (var text : message.parts()) {
                    chain = after(chain, text);
                    hit &= !seen.add(chain);
                    hits += hit ? text.tokens() : 0;
                }
            }
            for (var text : request.answer()) {
                chain = after(chain, text);
            }
            ends[i] = chain;
        }
        return hits;
    }

    private static long after(long chain, Text text) {
        return (chain + text.stream()) * 0x9E3779B97F4A7C15L + text.tokens();
    }
}
