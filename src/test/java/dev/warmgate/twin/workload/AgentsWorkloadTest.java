package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AgentsWorkloadTest {
    private static final long SEED = 20_261_125;

    /** Long enough for means, and for agents that run to their end. */
    private static final Plan PLAN = AgentsWorkload.plan(SEED, 20_000, 1);

    private static final List<PlannedRequest> REQUESTS = PLAN.requests();

    @Test
    void hasTheMeansOfItsDefinition() {
        var firsts = REQUESTS.stream().filter(request -> request.after() < 0).toList();
        assertThat(firsts.size() / 20_000.0)
                .as("agents per second, seed %d", SEED)
                .isCloseTo(0.042, within(0.003));
        assertThat(firsts).allSatisfy(request -> {
            var messages = request.input();
            assertThat(messages.getFirst().tokens()).isEqualTo(3_000);
            assertThat(messages.getLast().parts().getFirst().tokens()).isBetween(10_000, 100_000);
        });
        assertThat(firsts.stream()
                        .mapToInt(request ->
                                request.input().getLast().parts().getFirst().tokens())
                        .average()
                        .orElse(0))
                .as("context, seed %d", SEED)
                .isCloseTo(25_600, within(1_500.0));
        assertThat(REQUESTS.stream()
                        .mapToInt(PlannedRequest::outputTokens)
                        .average()
                        .orElse(0))
                .as("output tokens, seed %d", SEED)
                .isCloseTo(420, within(10.0));
        assertThat(PLAN.longest()).isLessThanOrEqualTo(200_000);
    }

    @Test
    void anAgentHas20To60TurnsOfItsOwn() {
        var turns = new HashMap<String, Integer>();
        var started = new HashMap<String, Double>();
        for (var request : REQUESTS) {
            turns.merge(name(request), 1, Integer::sum);
            started.putIfAbsent(name(request), request.atSeconds());
        }
        // Agents that begin late are cut by the plan's end, the longest by what a context may hold.
        var whole = turns.entrySet().stream()
                .filter(entry -> !entry.getKey().contains(".") && started.getOrDefault(entry.getKey(), 0.0) < 17_000)
                .map(entry -> entry.getValue())
                .toList();
        assertThat(whole).allMatch(count -> count <= 60);
        assertThat(whole.stream().filter(count -> count < 20).count()).isLessThan(whole.size() / 50);
        assertThat(whole.stream().mapToInt(count -> count).average().orElse(0))
                .as("turns, seed %d", SEED)
                .isCloseTo(32.5, within(1.5));
    }

    @Test
    void subAgentsForkTogetherFromTheWholeConversation() {
        var forks = new HashMap<Integer, List<PlannedRequest>>();
        for (var request : REQUESTS) {
            if (request.after() >= 0 && !name(request).equals(name(REQUESTS.get(request.after())))) {
                assertThat(name(request)).startsWith(name(REQUESTS.get(request.after())) + ".");
                assertThat(request.delaySeconds()).isZero();
                assertThat(request.continues()).isTrue();
                forks.computeIfAbsent(request.after(), _ -> new ArrayList<>()).add(request);
            }
        }
        assertThat(forks.values()).allMatch(children -> children.size() >= 2 && children.size() <= 4);
        assertThat(forks.values().stream().mapToInt(List::size).average().orElse(0))
                .isCloseTo(3, within(0.1));
        long own = REQUESTS.stream()
                .filter(request -> !name(request).contains("."))
                .count();
        assertThat((double) forks.size() / own)
                .as("forks per turn, seed %d", SEED)
                .isCloseTo(0.04, within(0.005));
        assertThat((double) own / REQUESTS.size())
                .as("share of agents' own turns, seed %d", SEED)
                .isBetween(0.5, 0.7);
    }

    @Test
    void anAgentWaitsForItsSubAgents() {
        var ends = new HashMap<Integer, Double>();
        var forkOf = new HashMap<String, Integer>();
        for (int i = 0; i < REQUESTS.size(); i++) {
            var request = REQUESTS.get(i);
            if (!name(request).contains(".")) {
                continue;
            }
            if (!name(request).equals(name(REQUESTS.get(request.after())))) {
                forkOf.put(name(request), request.after());
            }
            double end = request.atSeconds() + Plan.Pace.UNHURRIED.seconds(request.outputTokens());
            ends.merge(Objects.requireNonNull(forkOf.get(name(request))), end, Math::max);
        }
        for (var request : REQUESTS) {
            if (request.after() >= 0 && name(request).equals(name(REQUESTS.get(request.after())))) {
                assertThat(request.atSeconds()).isGreaterThanOrEqualTo(ends.getOrDefault(request.after(), 0.0) - 1e-6);
            }
        }
    }

    private static String name(PlannedRequest request) {
        return Objects.requireNonNull(request.session());
    }
}
