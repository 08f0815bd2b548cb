package dev.warmgate.twin.simulation;

import static dev.warmgate.twin.simulation.Plans.alone;
import static dev.warmgate.twin.simulation.Plans.fleet;
import static dev.warmgate.twin.simulation.Plans.next;
import static dev.warmgate.twin.simulation.Plans.policy;
import static dev.warmgate.twin.simulation.Plans.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.Candidates;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {
    private static final long SEED = 20_261_125;

    /** Times are whole nanoseconds. */
    private static final Offset<Double> NANOSECONDS = within(3e-9);

    @ParameterizedTest
    @ValueSource(strings = {"warm", "random", "llm-d", "llm-d-precise", "dynamo", "bound"})
    void equalArgumentsGiveEqualResults(String name) {
        var plan = Plans.random(SEED);
        var settings = fleet(3, SEED, 2, 0.02);
        var first = run(plan, settings, name);
        var again = run(Plans.random(SEED), settings, name);
        assertThat(again).as("seed %d", SEED).isEqualTo(first);
        assertThat(run(plan, fleet(3, SEED + 1, 2, 0.02), name).outcomes()).isNotEqualTo(first.outcomes());
    }

    @Test
    void aFollowerStartsItsPauseAfterTheEnd() {
        var plan = Plans.random(SEED);
        for (double jitter : new double[] {0, 0.5}) {
            var outcomes = run(plan, fleet(3, SEED, 1, jitter), "random").outcomes();
            for (int i = 0; i < outcomes.size(); i++) {
                var request = plan.requests().get(i);
                if (request.after() >= 0) {
                    assertThat(outcomes.get(i).sentSeconds())
                            .as("request %d, seed %d", i, SEED)
                            .isEqualTo(
                                    outcomes.get(request.after()).endSeconds() + request.delaySeconds(), NANOSECONDS);
                }
            }
        }
    }

    @Test
    void aFollowerFindsTheConversationThatItGoesOnWith() {
        var plan = new Plan("two turns", List.of(alone(0, 0, 1, 1_000, 200), next(0, 0, 1, 2, 100, 10)));
        var outcomes = run(plan, fleet(1, SEED, 1, 0), "random").outcomes();
        assertThat(outcomes.get(1).promptTokens()).isEqualTo(1_300);
        // Whole blocks of 16 of the 1,200 known tokens but the last one, whose entry no step has written.
        assertThat(outcomes.get(1).cachedTokens()).isEqualTo(1_184);
    }

    @Test
    void aStageBeginsWhenTheOneBeforeHasEnded() {
        var plan = Plans.random(SEED);
        var outcomes = run(plan, fleet(2, SEED, 1, 0), "random").outcomes();
        double end = stage(plan, outcomes, 0).stream()
                .mapToDouble(RequestOutcome::endSeconds)
                .max()
                .orElseThrow();
        for (int i = 0; i < outcomes.size(); i++) {
            var request = plan.requests().get(i);
            if (request.after() < 0) {
                assertThat(outcomes.get(i).sentSeconds())
                        .isEqualTo(request.atSeconds() + (request.stage() == 0 ? 0 : end), NANOSECONDS);
            }
        }
    }

    @Test
    void stagesWithoutRequestsArePassedOver() {
        var plan = new Plan("gaps", List.of(alone(1, 2, 1, 100, 5), alone(4, 3, 1, 100, 5), alone(5, 0, 1, 100, 5)));
        var outcomes = run(plan, fleet(1, SEED, 1, 0), "random").outcomes();
        assertThat(outcomes.get(0).sentSeconds()).isEqualTo(2, NANOSECONDS);
        assertThat(outcomes.get(1).sentSeconds()).isEqualTo(outcomes.get(0).endSeconds() + 3, NANOSECONDS);
        assertThat(outcomes.get(2).sentSeconds()).isEqualTo(outcomes.get(1).endSeconds(), NANOSECONDS);
    }

    @Test
    void aStageWhoseRequestsFollowOthersMayEndBeforeItsTurn() {
        var plan = new Plan(
                "early",
                List.of(
                        alone(0, 0, 1, 100, 5),
                        alone(0, 20, 2, 100, 5),
                        next(1, 0, 1, 3, 100, 5),
                        alone(2, 1, 4, 100, 5)));
        var outcomes = run(plan, fleet(1, SEED, 1, 0), "random").outcomes();
        assertThat(outcomes.get(2).endSeconds()).isLessThan(20);
        assertThat(outcomes.get(3).sentSeconds()).isEqualTo(outcomes.get(1).endSeconds() + 1, NANOSECONDS);
    }

    @Test
    void messagesAreLateByTheJitterAtMost() {
        double jitter = 0.25;
        var plan = new Plan(
                "far apart",
                IntStream.range(0, 200)
                        .mapToObj(i -> alone(0, i * 60, i, 500, 1 + i % 3))
                        .toList());
        var onTime = run(plan, fleet(1, SEED, 1, 0), "random").outcomes();
        var late = run(plan, fleet(1, SEED, 1, jitter), "random").outcomes();
        double most = 0;
        for (int i = 0; i < onTime.size(); i++) {
            double delay = late.get(i).ttftSeconds() - onTime.get(i).ttftSeconds();
            assertThat(delay).as("request %d, seed %d", i, SEED).isBetween(-1e-8, 2 * jitter + 1e-8);
            assertThat(late.get(i).endSeconds())
                    .isGreaterThanOrEqualTo(
                            late.get(i).sentSeconds() + late.get(i).ttftSeconds() - 1e-8);
            most = Math.max(most, delay);
        }
        assertThat(most).as("there and back").isGreaterThan(jitter);
    }

    @Test
    void gatewaysKnowNothingOfEachOther() {
        var plan = new Plan(
                "at once",
                IntStream.range(0, 400)
                        .mapToObj(i -> alone(0, i * 1e-3, i, 500, 100))
                        .toList());
        assertThat(seenInFlight(plan, 1)).isEqualTo(399);
        assertThat(seenInFlight(plan, 4)).isBetween(80, 140);
    }

    /** Returns the most requests that a gateway knew to be in flight when it placed one more. */
    private static int seenInFlight(Plan plan, int gateways) {
        var most = new int[1];
        run(plan, fleet(2, SEED, gateways, 0), policy(candidates -> {
            int sum = 0;
            for (int i = 0; i < candidates.size(); i++) {
                sum += candidates.endpoint(i).inFlight();
            }
            most[0] = Math.max(most[0], sum);
            return candidates.random().nextInt(candidates.size());
        }));
        return most[0];
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.12, 1, 7})
    void metricsAreAsOldAsSaid(double age) {
        var plan = new Plan(
                "steady",
                IntStream.range(0, 500)
                        .mapToObj(i -> alone(0, 10 + i * 0.0371, i, 500, 20))
                        .toList());
        var settings = settings(age, Double.POSITIVE_INFINITY, SimulationSettings.UNLIMITED);
        double period = Math.max(0.05, age / 10);
        run(plan, settings, policy(candidates -> {
            assertThat(metricsAgeSeconds(candidates)).isBetween(age - 1e-9, age + period + 1e-9);
            return 0;
        }));
    }

    @Test
    void metricsCanBeHidden() {
        var plan = new Plan("one", List.of(alone(0, 100, 1, 500, 20)));
        var settings = settings(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, SimulationSettings.UNLIMITED);
        run(plan, settings, policy(candidates -> {
            assertThat(candidates.endpoint(0).engineLoad()).isNull();
            return 0;
        }));
    }

    private static double metricsAgeSeconds(Candidates candidates) {
        var load = candidates.endpoint(0).engineLoad();
        assertThat(load).isNotNull();
        return (candidates.nanoTime() - load.nanoTime()) * 1e-9;
    }

    @Test
    void aRestartLosesTheFirstEndpointsCache() {
        var plan = new Plan(
                "again and again",
                IntStream.range(0, 5)
                        .mapToObj(i -> alone(0, i * 10, 1, 1_000, 5))
                        .toList());
        var cached = new ArrayList<Integer>();
        for (var outcome : run(plan, settings(1, 25, SimulationSettings.UNLIMITED), policy(_ -> 0))
                .outcomes()) {
            cached.add(outcome.cachedTokens());
        }
        assertThat(cached).containsExactly(0, 992, 992, 0, 992);
        var other = run(plan, settings(1, 25, SimulationSettings.UNLIMITED), policy(_ -> 1))
                .outcomes();
        assertThat(other.get(3).cachedTokens()).isEqualTo(992);
    }

    @Test
    void aClientSendsLateRatherThanTooMuch() {
        int limit = 7;
        var requests = new ArrayList<PlannedRequest>();
        for (int i = 0; i < 60; i++) {
            requests.add(alone(0, i * 0.01, i, 500, 50));
        }
        requests.add(next(0, 0, 0, 100, 100, 5));
        var outcomes = run(
                        new Plan("burst", requests),
                        settings(1, Double.POSITIVE_INFINITY, limit),
                        policy(candidates -> candidates.random().nextInt(candidates.size())))
                .outcomes();
        for (int i = 0; i < outcomes.size(); i++) {
            var outcome = outcomes.get(i);
            long before = outcomes.stream()
                    .filter(o -> o.sentSeconds() < outcome.sentSeconds() && o.endSeconds() > outcome.sentSeconds())
                    .count();
            assertThat(before).as("request %d", i).isLessThan(limit);
            assertThat(outcome.sentSeconds())
                    .isGreaterThanOrEqualTo(requests.get(i).atSeconds());
            if (i > 0 && i < 60) {
                assertThat(outcome.sentSeconds())
                        .as("in order")
                        .isGreaterThanOrEqualTo(outcomes.get(i - 1).sentSeconds());
            }
        }
        assertThat(outcomes.get(59).sentSeconds()).isGreaterThan(1);
    }

    @Test
    void refusesWhatCannotBeSimulated() {
        assertThatThrownBy(() -> settings(1, 1, 0)).hasMessage("max-in-flight: 0 (expected: at least 1)");
        var plan = new Plan("long", List.of(alone(0, 0, 1, 410_000, 10)));
        assertThatThrownBy(() -> Simulation.requireFit(plan, fleet(1, SEED, 1, 0)))
                .hasMessageContaining("has a request of 410010 tokens");
    }

    private static SimulationSettings settings(double metricsAge, double restartAt, int mostInFlight) {
        return new SimulationSettings(
                Collections.nCopies(2, Plans.HARDWARE),
                SEED,
                metricsAge,
                1,
                0,
                restartAt,
                mostInFlight,
                null,
                Map.of());
    }

    private static List<RequestOutcome> stage(Plan plan, List<RequestOutcome> outcomes, int stage) {
        return IntStream.range(0, outcomes.size())
                .filter(i -> plan.requests().get(i).stage() == stage)
                .mapToObj(outcomes::get)
                .toList();
    }
}
