package dev.warmgate.engine;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Watches all endpoints of a router: health checks, engine metrics and model lists, until closed.
 *
 * <p>One virtual thread per endpoint asks its questions one after the other, so that a slow endpoint delays only
 * itself, and one more interrupts a question that outlives every limit. Intervals vary by a tenth and start at a random
 * phase: a fleet's endpoints are not asked in step.
 *
 * <p>Nothing depends on the answers: an unanswered question leaves the facts as they were and is counted; only a failed
 * health check takes an endpoint out. Methods may be called from any thread.
 */
public final class EndpointMonitor implements AutoCloseable {
    /** Counts of questions that were not answered well, since start. */
    public record Failures(long checks, long metrics, long models) {}

    private final Map<String, EndpointWatch> watches = new LinkedHashMap<>();
    private final LongAdder failedChecks = new LongAdder();
    private final LongAdder failedMetrics = new LongAdder();
    private final LongAdder failedModels = new LongAdder();
    private final Thread guard;

    private EndpointMonitor(
            Router router,
            MonitorSettings settings,
            Map<String, EngineKind> engines,
            ModelCatalog catalog,
            LongSupplier nanoTime,
            SplittableRandom random) {
        for (Pool pool : router.pools()) {
            for (Endpoint endpoint : pool.endpoints()) {
                var engine = engines.getOrDefault(endpoint.name(), EngineKind.OTHER);
                var watch = new EndpointWatch(
                        pool, endpoint, engine, settings, catalog, nanoTime, random.split(), this::count);
                watches.put(endpoint.name(), watch);
            }
        }
        guard = Thread.ofVirtual().name("monitor-guard").unstarted(() -> guard(settings.longestTimeout()));
    }

    /**
     * Starts watching; the first check of every endpoint begins at once.
     *
     * @param engines the engine of endpoints by name, where configuration says it
     * @param catalog told what endpoints serve
     */
    public static EndpointMonitor start(
            Router router, MonitorSettings settings, Map<String, EngineKind> engines, ModelCatalog catalog) {
        return start(router, settings, engines, catalog, System::nanoTime, new SplittableRandom());
    }

    /**
     * Starts watching with a given clock and randomness.
     *
     * @param nanoTime the router's clock, which stamps engine load; intervals and limits always pass in real time
     * @param random the source of jitter, split for each endpoint
     */
    static EndpointMonitor start(
            Router router,
            MonitorSettings settings,
            Map<String, EngineKind> engines,
            ModelCatalog catalog,
            LongSupplier nanoTime,
            SplittableRandom random) {
        var monitor = new EndpointMonitor(router, settings, engines, catalog, nanoTime, random);
        monitor.watches.values().forEach(EndpointWatch::start);
        monitor.guard.start();
        return monitor;
    }

    /**
     * Waits until every endpoint was asked everything once, whatever it answered.
     *
     * @return false if the limit passed before
     */
    public boolean awaitFirstRound(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (EndpointWatch watch : watches.values()) {
            if (!watch.awaitFirstRound(Duration.ofNanos(deadline - System.nanoTime()))) {
                return false;
            }
        }
        return true;
    }

    /** Returns the engine of an endpoint: the configured one, else the one its answers show. */
    public EngineKind engine(String endpointName) {
        var watch = watches.get(endpointName);
        return watch == null ? EngineKind.OTHER : watch.engine();
    }

    /** Returns how many questions failed so far. */
    public Failures failures() {
        return new Failures(failedChecks.sum(), failedMetrics.sum(), failedModels.sum());
    }

    /** Returns whether any of the monitor's threads is alive. */
    boolean running() {
        return guard.isAlive() || watches.values().stream().anyMatch(EndpointWatch::running);
    }

    private void count(EndpointWatch.Question failed) {
        var counter = switch (failed) {
            case CHECK -> failedChecks;
            case METRICS -> failedMetrics;
            case MODELS -> failedModels;
        };
        counter.increment();
    }

    /** Cuts off questions that escaped their own time limit. */
    private void guard(Duration limit) {
        try {
            while (true) {
                Thread.sleep(limit);
                watches.values().forEach(watch -> watch.interruptIfAskingFor(limit.multipliedBy(2)));
            }
        } catch (InterruptedException e) {
            return; // closed
        }
    }

    /** Ends all threads; questions under way are cut off. */
    @Override
    public void close() {
        guard.interrupt();
        watches.values().forEach(EndpointWatch::stop);
        try {
            guard.join(Duration.ofSeconds(1));
            for (EndpointWatch watch : watches.values()) {
                watch.join(Duration.ofSeconds(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
