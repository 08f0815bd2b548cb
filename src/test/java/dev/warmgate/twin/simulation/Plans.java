package dev.warmgate.twin.simulation;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.twin.comparator.Contender;
import dev.warmgate.twin.comparator.Contenders;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.workload.Message;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/** Small plans, and how to run them. */
final class Plans {
    static final HardwareProfile HARDWARE = HardwareProfile.LLAMA_3_1_8B_H100;

    private Plans() {}

    /** Returns a request that the clock starts, about text {@code text}. */
    static PlannedRequest alone(int stage, double at, long text, int tokens, int outputTokens) {
        return request(stage, at, -1, 0, false, text, tokens, outputTokens);
    }

    /** Returns a request that the clock starts: a text that others share, and then one of its own. */
    static PlannedRequest about(
            int stage, double at, long shared, int sharedTokens, long own, int ownTokens, int outputTokens) {
        return new PlannedRequest(
                null,
                null,
                stage,
                at,
                -1,
                0,
                false,
                List.of(
                        Message.of(Message.Role.SYSTEM, new Text(shared, sharedTokens)),
                        Message.of(Message.Role.USER, new Text(own, ownTokens))),
                List.of(new Text(1_000_000 + own, outputTokens)));
    }

    /** Returns a request that another's end starts, and that goes on with its conversation. */
    static PlannedRequest next(int stage, int after, double delay, long text, int tokens, int outputTokens) {
        return request(stage, 0, after, delay, true, text, tokens, outputTokens);
    }

    private static PlannedRequest request(
            int stage, double at, int after, double delay, boolean continues, long text, int tokens, int outputTokens) {
        return new PlannedRequest(
                null,
                null,
                stage,
                at,
                after,
                delay,
                continues,
                List.of(Message.of(Message.Role.USER, new Text(text, tokens))),
                List.of(new Text(1_000_000 + text, outputTokens)));
    }

    /** Returns requests at random, sessions of some turns among them. */
    static Plan random(long seed) {
        var random = new SplittableRandom(seed);
        var requests = new ArrayList<PlannedRequest>();
        for (int i = 0; i < 150; i++) {
            int stage = i / 75;
            requests.add(alone(stage, random.nextDouble() * 10, random.nextInt(20), 3_000, random.nextInt(1, 60)));
            while (random.nextInt(3) == 0) {
                int before = requests.size() - 1;
                requests.add(next(stage, before, random.nextDouble() * 3, 100 + before, 400, random.nextInt(1, 60)));
            }
        }
        return new Plan("random", requests);
    }

    /** Returns a fleet behind {@code gateways} gateways with messages late by up to {@code jitterSeconds}. */
    static SimulationSettings fleet(int replicas, long seed, int gateways, double jitterSeconds) {
        return new SimulationSettings(
                Collections.nCopies(replicas, HARDWARE),
                seed,
                1,
                gateways,
                jitterSeconds,
                Double.POSITIVE_INFINITY,
                SimulationSettings.UNLIMITED,
                null,
                Map.of());
    }

    static PolicyRun run(Plan plan, SimulationSettings settings, String policy) {
        return run(plan, settings, Objects.requireNonNull(Contenders.named(policy)));
    }

    static PolicyRun run(Plan plan, SimulationSettings settings, Contender contender) {
        return Simulation.run(plan, settings, contender, 0, _ -> {});
    }

    /** Returns a policy of the test's own. */
    static Contender policy(ToIntFunction<Candidates> choice) {
        return new Contender("test", 0, false, _ -> new RoutingPolicy() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public int choose(Candidates candidates) {
                return choice.applyAsInt(candidates);
            }
        });
    }
}
