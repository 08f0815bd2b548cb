package dev.warmgate.twin.comparator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.simulation.Simulation;
import dev.warmgate.twin.simulation.SimulationSettings;
import dev.warmgate.twin.workload.CodingWorkload;
import dev.warmgate.twin.workload.Message;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContendersTest {
    private static final HardwareProfile HARDWARE = HardwareProfile.QWEN3_32B_TP2_H100;

    static Stream<Contender> contenders() {
        return Contenders.list().stream();
    }

    @Test
    void policiesThatServeTrafficComeFirst() {
        var names = contenders().map(Contender::name).toList();
        assertThat(names).doesNotHaveDuplicates().startsWith(Policies.names().toArray(String[]::new));
        assertThat(names)
                .contains(
                        "reference",
                        "llm-d",
                        "llm-d-inflight",
                        "dynamo",
                        "smg",
                        "aibrix",
                        "lmetric",
                        "predicted-ttft",
                        "chwbl",
                        "preble",
                        "bound");
    }

    @Test
    void onlyTheBoundSharesOneCache() {
        assertThat(contenders().filter(Contender::sharedCache).map(Contender::name))
                .containsExactly("bound");
    }

    @Test
    void nobodyIsFoundByAnotherName() {
        assertThat(Contenders.named("llm-d")).isNotNull();
        assertThat(Contenders.named("LLM-D")).isNull();
    }

    @ParameterizedTest
    @MethodSource("contenders")
    void policiesHaveTheirContendersName(Contender contender) {
        assertThat(contender.policy().apply(new Bench("random", 2)).name()).isEqualTo(contender.name());
    }

    @ParameterizedTest
    @MethodSource("contenders")
    void equalRunsAreEqual(Contender contender) {
        var plan = Plan.of("coding", CodingWorkload.REFERENCE.sessions(3, 20), 40, Plan.Pace.UNHURRIED);
        var settings = SimulationSettings.of(HARDWARE, 3, 11);
        var first = Simulation.run(plan, settings, contender, 0, _ -> {});
        var second = Simulation.run(plan, settings, contender, 0, _ -> {});
        assertThat(first.outcomes())
                .hasSize(plan.requests().size())
                .allMatch(outcome -> outcome.completed())
                .isEqualTo(second.outcomes());
    }

    @Test
    void promptsOnTheirWayCountAsCachedAndAsUsed() {
        var requests = new ArrayList<PlannedRequest>();
        for (int i = 0; i < 2; i++) {
            requests.add(new PlannedRequest(
                    null,
                    null,
                    0,
                    i * 0.001,
                    -1,
                    0,
                    false,
                    List.of(Message.of(Message.Role.USER, new Text(1, 8_000))),
                    List.of(new Text(2 + i, 10))));
        }
        var witness = new Witness();
        Simulation.run(
                new Plan("pair", requests),
                SimulationSettings.of(HARDWARE, 2, 1),
                new Contender("witness", 0, false, view -> witness.of(view)),
                0,
                _ -> {});
        // The last token is always computed, so its block does not count as cached.
        assertThat(witness.seen)
                .containsExactly("cached 0 booked 0 used 0 held 0", "cached 7984 booked 8000 used 8000 held 8000");
    }

    /** Notes what the first endpoint looks like to each request, and sends it there. */
    private static final class Witness {
        final List<String> seen = new ArrayList<>();

        RoutingPolicy of(FleetView view) {
            return new RoutingPolicy() {
                @Override
                public String name() {
                    return "witness";
                }

                @Override
                public int choose(Candidates candidates) {
                    seen.add("cached " + view.cachedTokens(0) + " booked " + view.bookedPrefillTokens(0) + " used "
                            + view.usedTokens(0) + " held " + view.tokensHeld(0));
                    return 0;
                }
            };
        }
    }
}
