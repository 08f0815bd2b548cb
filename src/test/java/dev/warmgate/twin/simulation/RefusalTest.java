package dev.warmgate.twin.simulation;

import static dev.warmgate.twin.simulation.Plans.alone;
import static dev.warmgate.twin.simulation.Plans.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.RequestOutcome.Ending;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that the router does not route: the only endpoint is down for a while, as a check says. */
class RefusalTest {
    private static final HealthPolicy WITHOUT_PANIC =
            new HealthPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(30));

    private static final long SEED = 20_261_127;

    @Test
    void aRefusedRequestEndsItsSession() {
        var plan = new Plan(
                "sessions",
                List.of(
                        alone(0, 0, 1, 500, 10),
                        next(0, 0, 1, 2, 100, 10), // before the outage
                        next(0, 1, 20, 3, 100, 10), // after it
                        alone(0, 12, 4, 500, 10), // refused
                        next(0, 3, 1, 5, 100, 10),
                        next(0, 4, 50, 6, 100, 10),
                        alone(1, 0, 7, 500, 10)));
        var outcomes = run(plan, SimulationSettings.UNLIMITED, 10, 20);
        assertThat(outcomes)
                .extracting(RequestOutcome::ending)
                .containsExactly(
                        Ending.COMPLETED,
                        Ending.COMPLETED,
                        Ending.COMPLETED,
                        Ending.REFUSED,
                        Ending.NOT_SENT,
                        Ending.NOT_SENT,
                        Ending.COMPLETED);
        assertThat(outcomes.get(3).failure()).isEqualTo("unavailable");
        assertThat(outcomes.get(3).sentSeconds()).isEqualTo(12);
        assertThat(outcomes.get(3).endSeconds()).isEqualTo(12);
        assertThat(outcomes.get(3).ttftSeconds()).isEqualTo(-1);
        assertThat(outcomes.get(4).failure()).isEqualTo("not-sent");
        assertThat(outcomes.get(4).offered()).isFalse();
        assertThat(outcomes.get(6).sentSeconds()).as("the next stage").isGreaterThan(20);
    }

    @Test
    void aStageOfWhichNothingIsSentIsPassedOver() {
        var plan = new Plan(
                "stages",
                List.of(
                        alone(0, 12, 1, 500, 10),
                        next(1, 0, 1, 2, 100, 10),
                        next(2, 1, 1, 3, 100, 10),
                        alone(3, 30, 4, 500, 10)));
        var outcomes = run(plan, SimulationSettings.UNLIMITED, 10, 20);
        assertThat(outcomes)
                .extracting(RequestOutcome::ending)
                .containsExactly(Ending.REFUSED, Ending.NOT_SENT, Ending.NOT_SENT, Ending.COMPLETED);
        assertThat(outcomes.get(3).sentSeconds()).isEqualTo(12 + 30);
    }

    @Test
    void aClientThatHoldsRequestsBackSendsTheNextWhenOneIsRefused() {
        int count = 50_000; // more than a stack would bear
        var requests = IntStream.range(0, count)
                .mapToObj(i -> alone(0, i < 2 ? 9 : 12, i, 20, 400))
                .toList();
        var outcomes = run(new Plan("many", requests), 2, 10, 1_000);
        assertThat(outcomes.subList(0, 2)).allMatch(RequestOutcome::completed);
        assertThat(outcomes.subList(2, count)).allMatch(outcome -> outcome.ending() == Ending.REFUSED);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, SimulationSettings.UNLIMITED})
    void everyRequestEndsOnceAndOnlyWhatFollowsARefusalIsNotSent(int mostInFlight) {
        var plan = Plans.random(SEED);
        var outcomes = run(plan, mostInFlight, 3, 6);
        var endings = outcomes.stream().map(RequestOutcome::ending).toList();
        assertThat(endings).as("seed %d", SEED).contains(Ending.COMPLETED, Ending.REFUSED, Ending.NOT_SENT);
        for (int i = 0; i < endings.size(); i++) {
            int after = plan.requests().get(i).after();
            boolean lost = after >= 0 && endings.get(after) != Ending.COMPLETED;
            assertThat(endings.get(i) == Ending.NOT_SENT)
                    .as("request %d, seed %d", i, SEED)
                    .isEqualTo(lost);
        }
    }

    /** Runs a plan against one endpoint that takes nothing new from {@code from} to {@code to} seconds. */
    private static List<RequestOutcome> run(Plan plan, int mostInFlight, double from, double to) {
        var engines = List.of(new ReplicaEngine(Plans.HARDWARE, null));
        var timeline = new Timeline(engines);
        var random = new SplittableRandom(SEED);
        var specs = List.of(new EndpointSpec("endpoint-0", URI.create("http://0.invalid"), 1, Role.BOTH));
        var pool = new Pool(
                new PoolSpec(
                        "pool",
                        specs,
                        Set.of(Simulation.MODEL),
                        WITHOUT_PANIC,
                        PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
                        1 << 20),
                Objects.requireNonNull(Policies.create(Policies.WARM)),
                timeline::now,
                random.split());
        var endpoint = pool.endpoints().getFirst();
        endpoint.models(Set.of(Simulation.MODEL));
        timeline.at((long) (from * 1e9), () -> endpoint.reportCheck(false));
        timeline.at((long) (to * 1e9), () -> endpoint.reportCheck(true));
        var endings = new ArrayList<Integer>();
        var traffic = new Traffic(
                plan,
                timeline,
                engines,
                List.of(new Router(List.of(pool))),
                new EngineView(engines),
                new Traffic.Conditions(random.split(), 0, mostInFlight, null, Map.of()),
                new Traffic.Watch(0, Set.of()),
                endings::add);
        timeline.run(traffic::ended);
        assertThat(traffic.ended()).isTrue();
        assertThat(endings).hasSize(plan.requests().size()).endsWith(endings.size());
        assertThat(endpoint.inFlight()).isZero();
        return traffic.outcomes();
    }
}
