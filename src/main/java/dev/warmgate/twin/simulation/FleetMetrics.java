package dev.warmgate.twin.simulation;

import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.Pool;
import dev.warmgate.twin.engine.EngineStats;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.report.EndpointSample;
import dev.warmgate.twin.report.FleetSample;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at the engines now and then: for the report, and for the gateways, which get to see it when it is old.
 *
 * <p>Confined to the simulation's thread.
 */
final class FleetMetrics {
    private static final long REPORT_NANOS = 1_000_000_000L;
    private static final long SHORTEST_PERIOD_NANOS = 50_000_000L;

    /** Centuries; sums of times stay far from the end of a long. */
    private static final double LONGEST_AGE_NANOS = 1e18;

    private final List<ReplicaEngine> engines;
    private final List<Pool> pools;
    private final Timeline timeline;
    private final long ageNanos;
    private final boolean tellCapacity;
    private final List<FleetSample> samples = new ArrayList<>();

    /**
     * Begins to look.
     *
     * @param ageSeconds how old metrics are when the gateways get to see them; the next ones come a tenth of that later,
     *     but not within 50 ms; infinity for never
     * @param tellCapacity whether metrics say how large the KV cache is
     */
    FleetMetrics(
            List<ReplicaEngine> engines, List<Pool> pools, Timeline timeline, double ageSeconds, boolean tellCapacity) {
        this.engines = engines;
        this.pools = pools;
        this.timeline = timeline;
        this.ageNanos = (long) Math.min(ageSeconds * 1e9, LONGEST_AGE_NANOS);
        this.tellCapacity = tellCapacity;
        timeline.at(0, this::report);
        if (ageSeconds < Double.POSITIVE_INFINITY) {
            timeline.at(0, this::scrape);
        }
    }

    List<FleetSample> samples() {
        return samples;
    }

    private void report() {
        var endpoints = new ArrayList<EndpointSample>();
        for (var engine : engines) {
            var stats = engine.stats();
            endpoints.add(new EndpointSample(
                    stats.running() + stats.waiting(),
                    stats.waiting(),
                    stats.kvUsage(),
                    stats.queriedTokens(),
                    stats.cachedTokens()));
        }
        samples.add(new FleetSample(timeline.now() * 1e-9, endpoints));
        timeline.at(timeline.now() + REPORT_NANOS, this::report);
    }

    private void scrape() {
        var loads = new ArrayList<EngineLoad>();
        for (var engine : engines) {
            loads.add(load(engine, engine.stats()));
        }
        timeline.at(timeline.now() + ageNanos, () -> publish(loads));
        timeline.at(timeline.now() + Math.max(SHORTEST_PERIOD_NANOS, ageNanos / 10), this::scrape);
    }

    private void publish(List<EngineLoad> loads) {
        for (var pool : pools) {
            for (int i = 0; i < loads.size(); i++) {
                pool.endpoints().get(i).engineLoad(loads.get(i));
            }
        }
    }

    private EngineLoad load(ReplicaEngine engine, EngineStats stats) {
        return new EngineLoad(
                timeline.now(),
                stats.running(),
                stats.waiting(),
                stats.kvUsage(),
                tellCapacity ? engine.profile().kvTokens() : -1,
                stats.promptTokens(),
                stats.cachedTokens());
    }
}
