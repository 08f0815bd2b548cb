package dev.warmgate.twin.simulation;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import dev.warmgate.router.Router;
import dev.warmgate.twin.comparator.Contender;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.engine.SharedCache;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.workload.Plan;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * One run of a plan under one policy, in virtual time: the router that serves traffic in front of the twin's engines.
 *
 * <p>Equal arguments give equal results. A run is confined to one thread; runs are independent of each other and may go
 * on side by side.
 */
public final class Simulation {
    static final String MODEL = "model";

    /** Prefix index of a simulated pool: enough for every workload here, so that only the engines forget. */
    private static final long INDEX_BYTES = 256L << 20;

    private Simulation() {}

    /**
     * Runs a plan to its end.
     *
     * @param warmup share of the requests, by planned time, that is not measured; 0 to less than 1
     * @param progress hears how many requests have ended, after each
     * @throws IllegalArgumentException if a request does not fit into an endpoint's KV cache
     */
    public static PolicyRun run(
            Plan plan, SimulationSettings settings, Contender contender, double warmup, IntConsumer progress) {
        return run(plan, settings, contender, warmup, Set.of(), progress);
    }

    /**
     * Runs a plan to its end and keeps how some requests were decided.
     *
     * @param warmup share of the requests, by planned time, that is not measured; 0 to less than 1
     * @param explain indexes of planned requests
     * @param progress hears how many requests have ended, after each
     * @throws IllegalArgumentException if a request does not fit into an endpoint's KV cache
     */
    public static PolicyRun run(
            Plan plan,
            SimulationSettings settings,
            Contender contender,
            double warmup,
            Set<Integer> explain,
            IntConsumer progress) {
        requireFit(plan, settings);
        var shared = contender.sharedCache() ? new SharedCache() : null;
        var engines = settings.fleet().stream()
                .map(profile -> new ReplicaEngine(profile, shared))
                .toList();
        var timeline = new Timeline(engines);
        var random = new SplittableRandom(settings.seed());
        var view = new EngineView(engines);
        var pools = new ArrayList<Pool>();
        for (int g = 0; g < settings.gateways(); g++) {
            var pool = new Pool(
                    spec(settings, contender),
                    contender.admission(),
                    contender.policy().apply(view),
                    timeline::now,
                    random.split());
            pool.endpoints().forEach(endpoint -> endpoint.models(Set.of(MODEL)));
            pools.add(pool);
        }
        var metrics =
                new FleetMetrics(engines, pools, timeline, settings.metricsAgeSeconds(), contender.indexTokens() == 0);
        if (settings.restartAtSeconds() < Double.POSITIVE_INFINITY) {
            timeline.at((long) (settings.restartAtSeconds() * 1e9), engines.getFirst()::forgetCache);
        }
        var traffic = new Traffic(
                plan,
                timeline,
                engines,
                pools.stream().map(pool -> new Router(List.of(pool))).toList(),
                view,
                new Traffic.Conditions(
                        random.split(),
                        settings.jitterSeconds(),
                        settings.mostInFlight(),
                        settings.target(),
                        settings.weights()),
                new Traffic.Watch(warmup, explain),
                progress);
        timeline.run(traffic::ended);
        return new PolicyRun(
                contender.name(),
                traffic.outcomes(),
                metrics.samples(),
                traffic.tokenGaps().figures(),
                engines.stream()
                        .mapToLong(engine -> engine.stats().preemptions())
                        .sum(),
                traffic.explained(),
                traffic.minuteWork().seconds());
    }

    /** Throws {@link IllegalArgumentException} if a request does not fit into an endpoint's KV cache. */
    public static void requireFit(Plan plan, SimulationSettings settings) {
        for (var profile : settings.fleet()) {
            if (plan.longest() > profile.kvTokens()) {
                throw new IllegalArgumentException("workload: " + plan.name() + " has a request of " + plan.longest()
                        + " tokens (expected: at most " + profile.kvTokens() + ", the KV cache of " + profile.name()
                        + ")");
            }
        }
    }

    private static PoolSpec spec(SimulationSettings settings, Contender contender) {
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < settings.fleet().size(); i++) {
            specs.add(new EndpointSpec("endpoint-" + i, URI.create("http://" + i + ".invalid"), 1, Role.BOTH));
        }
        var defaults = PoolSpec.of("pool", specs);
        return new PoolSpec(
                defaults.name(),
                specs,
                Set.of(MODEL),
                defaults.health(),
                contender.indexTokens() == 0 ? PoolSpec.DEFAULT_KV_CAPACITY_TOKENS : contender.indexTokens(),
                INDEX_BYTES);
    }
}
