package dev.warmgate.engine;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Watches all endpoints of a router: health checks, engine metrics and model lists, until closed. Endpoints that come are
 * watched from then on, those that are gone no longer.
 *
 * <p>One virtual thread per endpoint asks its questions one after the other, so that a slow endpoint delays only
 * itself; one more follows who comes and goes, and one interrupts a question that outlives every limit. Intervals vary by a tenth and start at a random
 * phase: a fleet's endpoints are not asked in step.
 *
 * <p>Nothing depends on the answers: an unanswered question leaves the facts as they were and is counted; only a failed
 * health check takes an endpoint out. Methods may be called from any thread.
 */
public final class EndpointMonitor implements AutoCloseable {
    /** Counts of questions that were not answered well, since start. */
    public record Failures(long checks, long metrics, long models) {}

    private final Router router;
    private final ModelCatalog catalog;
    private final LongSupplier nanoTime;

    /** By identity: one that leaves may have the name of one that came. Changed only by {@link #follow}. */
    private final Map<Endpoint, EndpointWatch> watches = new ConcurrentHashMap<>();

    private final Semaphore changes = new Semaphore(0);
    private final LongAdder failedChecks = new LongAdder();
    private final LongAdder failedMetrics = new LongAdder();
    private final LongAdder failedModels = new LongAdder();
    private final EngineLinks links;
    private final Thread guard;
    private final Thread follower;

    /** Confined to whoever follows: the starter, then the follower. */
    private final SplittableRandom random;

    // Written by any thread.
    private volatile MonitorSettings settings;
    private volatile Map<String, EngineKind> engines;

    private EndpointMonitor(
            Router router,
            MonitorSettings settings,
            EngineLinks links,
            Map<String, EngineKind> engines,
            ModelCatalog catalog,
            LongSupplier nanoTime,
            SplittableRandom random) {
        this.router = router;
        this.links = links;
        this.settings = settings;
        this.engines = Map.copyOf(engines);
        this.catalog = catalog;
        this.nanoTime = nanoTime;
        this.random = random;
        guard = Thread.ofVirtual().name("monitor-guard").unstarted(this::guard);
        follower = Thread.ofVirtual().name("monitor-follower").unstarted(this::followChanges);
    }

    /**
     * Starts watching; the first check of every endpoint begins at once.
     *
     * @param links how to get to endpoints; their files are read again from time to time
     * @param engines the engine of endpoints by name, where configuration says it
     * @param catalog told what endpoints serve
     */
    public static EndpointMonitor start(
            Router router,
            MonitorSettings settings,
            EngineLinks links,
            Map<String, EngineKind> engines,
            ModelCatalog catalog) {
        return start(router, settings, links, engines, catalog, System::nanoTime, new SplittableRandom());
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
            EngineLinks links,
            Map<String, EngineKind> engines,
            ModelCatalog catalog,
            LongSupplier nanoTime,
            SplittableRandom random) {
        var monitor = new EndpointMonitor(router, settings, links, engines, catalog, nanoTime, random);
        router.onChange(monitor.changes::release);
        monitor.follow();
        monitor.guard.start();
        monitor.follower.start();
        return monitor;
    }

    /** Takes other intervals and limits. */
    public void settings(MonitorSettings newSettings) {
        settings = newSettings;
    }

    /** Takes the engines of endpoints by name; for endpoints that are to come, before they do. */
    public void engines(Map<String, EngineKind> newEngines) {
        engines = Map.copyOf(newEngines);
        changes.release();
    }

    private void followChanges() {
        try {
            while (true) {
                changes.acquire();
                changes.drainPermits();
                follow();
            }
        } catch (InterruptedException _) {
            return; // closed
        }
    }

    private void follow() {
        var present = new HashSet<Endpoint>();
        for (var pools : List.of(router.pools(), router.retiring())) {
            for (Pool pool : pools) {
                for (Endpoint endpoint : pool.endpoints()) {
                    present.add(endpoint);
                    watch(pool, endpoint);
                }
            }
        }
        for (var endpoint : Set.copyOf(watches.keySet())) {
            if (!present.contains(endpoint)) {
                unwatch(endpoint);
            }
        }
        catalog.keep(present);
    }

    private void watch(Pool pool, Endpoint endpoint) {
        var engine = engines.getOrDefault(endpoint.name(), EngineKind.OTHER);
        var former = watches.get(endpoint);
        // Of one that leaves nobody says any more what serves there.
        if (former != null && (former.configured() == engine || endpoint.state() == Endpoint.State.LEAVING)) {
            return;
        }
        if (former != null) {
            unwatch(endpoint);
        }
        var watch = new EndpointWatch(
                pool,
                endpoint,
                engine,
                () -> settings,
                links,
                catalog,
                router.quarantine(),
                nanoTime,
                random.split(),
                this::count);
        watches.put(endpoint, watch);
        watch.start();
    }

    private void unwatch(Endpoint endpoint) {
        var watch = watches.remove(endpoint);
        if (watch != null) {
            watch.stop();
        }
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
        return watches.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(endpointName))
                .map(entry -> entry.getValue().engine())
                .findFirst()
                .orElse(EngineKind.OTHER);
    }

    /** Returns how many questions failed so far. */
    public Failures failures() {
        return new Failures(failedChecks.sum(), failedMetrics.sum(), failedModels.sum());
    }

    /** Returns whether any of the monitor's threads is alive. */
    boolean running() {
        return guard.isAlive()
                || follower.isAlive()
                || watches.values().stream().anyMatch(EndpointWatch::running);
    }

    private void count(EndpointWatch.Question failed) {
        var counter = switch (failed) {
            case CHECK -> failedChecks;
            case METRICS -> failedMetrics;
            case MODELS -> failedModels;
        };
        counter.increment();
    }

    /** Cuts off questions that escaped their own time limit, and looks for new keys and certificates. */
    private void guard() {
        try {
            while (true) {
                Thread.sleep(settings.readTimeout());
                links.refresh();
                var limit = settings.longestTimeout().multipliedBy(2);
                watches.values().forEach(watch -> watch.interruptIfAskingFor(limit));
            }
        } catch (InterruptedException e) {
            return; // closed
        }
    }

    /** Ends all threads; questions under way are cut off. */
    @Override
    public void close() {
        guard.interrupt();
        follower.interrupt();
        try {
            follower.join(Duration.ofSeconds(1)); // else it might begin to watch one more
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
