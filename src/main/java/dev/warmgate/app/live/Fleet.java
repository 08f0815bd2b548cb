package dev.warmgate.app.live;

import dev.warmgate.app.config.EndpointsFile;
import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.app.config.PoolConfig;
import dev.warmgate.app.epp.EndpointPickerConfig;
import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.EndpointSource;
import dev.warmgate.engine.discovery.Reading;
import dev.warmgate.engine.discovery.SourceSpec;
import dev.warmgate.engine.discovery.SourceState;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.admission.AdmissionSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the router's pools as the configuration says and as sources find endpoints. Any thread.
 *
 * <p>Its lock guards which sources run and what was last given to the router; it is never held while a source is waited
 * for.
 */
public final class Fleet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

    /** A source of a pool. */
    private record SourceKey(String pool, SourceSpec spec) {}

    /** What a pool was last made of. */
    private record Made(
            PoolSpec spec,
            AdmissionSettings admission,
            String policy,
            @Nullable EndpointPickerConfig chain) {}

    /** An endpoint and its pool. */
    public record Place(Pool pool, Endpoint endpoint) {}

    /** Hears what is known about endpoints that are about to come; on any thread, one call after the other. */
    public interface Scout {
        /**
         * Takes all that is known.
         *
         * @param engines which engine serves where, by endpoint
         * @param serverNames which name a certificate must have, by endpoint, where a source says one
         */
        void known(Map<String, EngineKind> engines, Map<String, String> serverNames);
    }

    private final Router router;

    // Guarded by this.
    private final Map<String, Pool> pools = new LinkedHashMap<>();
    private final Map<String, Made> made = new HashMap<>();
    private final Map<SourceKey, EndpointSource> sources = new LinkedHashMap<>();
    private GatewayConfig config;
    private Scout scout = (_, _) -> {};
    private boolean closed;

    /** Written under the lock. */
    private volatile FleetPlan plan;

    /** Makes the pools of a configuration, with the endpoints that it names. */
    public Fleet(GatewayConfig config) {
        this.config = config;
        this.plan = FleetPlan.of(config.pools(), Map.of());
        var first = new ArrayList<Pool>();
        for (var pool : config.pools()) {
            first.add(pool(pool));
        }
        this.router = new Router(first);
    }

    /** Returns the router over the pools. */
    public Router router() {
        return router;
    }

    /**
     * Starts the sources and waits for their first readings.
     *
     * @param listener hears what is to be known about endpoints before they come
     * @param limit how long to wait at most
     */
    public void start(Scout listener, Duration limit) throws InterruptedException {
        List<EndpointSource> started;
        synchronized (this) {
            scout = listener;
            scout.known(plan.engines(), plan.serverNames());
            followSources();
            started = List.copyOf(sources.values());
        }
        long deadline = System.nanoTime() + limit.toNanos();
        for (var source : started) {
            var _ = source.awaitFirstReading(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
    }

    /** Takes another configuration: pools, endpoints and sources come, change and go; what runs goes on. */
    public void become(GatewayConfig wanted) {
        List<EndpointSource> ended;
        synchronized (this) {
            config = wanted;
            ended = followSources();
            apply();
        }
        ended.forEach(EndpointSource::close);
    }

    /** Returns where an endpoint comes from: the configuration or a source, in words. */
    public String origin(String endpoint) {
        return plan.origins().getOrDefault(endpoint, "removed");
    }

    /** Returns endpoints that sources found and that are left out, and why. */
    public List<String> problems() {
        return plan.problems();
    }

    /** Returns what the sources know, by pool, in configured order. */
    public synchronized Map<String, List<SourceState>> sources() {
        var states = new LinkedHashMap<String, List<SourceState>>();
        sources.forEach((key, source) ->
                states.computeIfAbsent(key.pool(), _ -> new ArrayList<>()).add(source.state()));
        return states;
    }

    /** Returns the endpoint of a name, one that takes part before one that leaves; null if there is none. */
    public @Nullable Place find(String endpoint) {
        var present = find(router.pools(), endpoint, state -> state != Endpoint.State.LEAVING);
        if (present != null) {
            return present;
        }
        var leaving = find(router.pools(), endpoint, _ -> true);
        return leaving != null ? leaving : find(router.retiring(), endpoint, _ -> true);
    }

    private static @Nullable Place find(List<Pool> pools, String name, Predicate<Endpoint.State> wanted) {
        for (var pool : pools) {
            for (var endpoint : pool.endpoints()) {
                if (endpoint.name().equals(name) && wanted.test(endpoint.state())) {
                    return new Place(pool, endpoint);
                }
            }
        }
        return null;
    }

    /** Ends the sources; the pools stay as they are. */
    @Override
    public void close() {
        List<EndpointSource> ended;
        synchronized (this) {
            closed = true;
            ended = List.copyOf(sources.values());
            sources.clear();
        }
        ended.forEach(EndpointSource::close);
    }

    /** Starts sources that are new, and returns those that are no longer wanted. */
    private List<EndpointSource> followSources() {
        var wanted = new ArrayList<SourceKey>();
        for (var pool : config.pools()) {
            pool.sources().forEach(spec -> wanted.add(new SourceKey(pool.spec().name(), spec)));
        }
        var before = new HashMap<>(sources);
        sources.clear();
        for (var key : wanted) {
            var running = before.remove(key);
            sources.put(
                    key,
                    running != null ? running : EndpointSource.start(key.spec(), parser(key.spec()), _ -> heard()));
        }
        return List.copyOf(before.values());
    }

    private static Function<String, Reading> parser(SourceSpec spec) {
        return spec instanceof SourceSpec.OfFile file
                ? new EndpointsFile(file.file().toString())::parse
                : _ -> new Reading.Failed("not a file");
    }

    private synchronized void heard() {
        if (!closed) {
            apply();
        }
    }

    private void apply() {
        var before = plan;
        var next = FleetPlan.of(config.pools(), found());
        plan = next;
        next.problems().stream()
                .filter(problem -> !before.problems().contains(problem))
                .forEach(problem -> LOG.warn("Left out: {}", problem));
        scout.known(next.engines(), next.serverNames());
        var present = new ArrayList<Pool>();
        var names = new HashSet<String>();
        for (var pool : config.pools()) {
            names.add(pool.spec().name());
            present.add(pool(pool));
        }
        pools.keySet().retainAll(names);
        made.keySet().retainAll(names);
        if (!present.equals(router.pools())) {
            router.reconfigure(present);
        }
    }

    private Map<String, List<FleetPlan.Found>> found() {
        var found = new HashMap<String, List<FleetPlan.Found>>();
        sources.forEach((key, source) -> found.computeIfAbsent(key.pool(), _ -> new ArrayList<>())
                .add(new FleetPlan.Found(key.spec().name(), source.state().endpoints())));
        return found;
    }

    /** Returns the pool as the plan wants it: a new one, or the present one with what changed. */
    private Pool pool(PoolConfig wanted) {
        var configured = wanted.spec();
        var spec = new PoolSpec(
                configured.name(),
                plan.members().getOrDefault(configured.name(), List.of()),
                configured.models(),
                configured.health(),
                configured.kvCapacityTokens(),
                configured.indexBytes(),
                configured.maxInFlight());
        var now = new Made(spec, config.admission(), wanted.policy(), wanted.chain());
        var before = made.get(spec.name());
        warn(wanted.chain(), before == null ? null : before.chain());
        var policy = wanted.newPolicy();
        var pool = pools.get(spec.name());
        if (pool == null) {
            pool = new Pool(spec, config.admission(), policy, System::nanoTime, new SplittableRandom());
            pools.put(spec.name(), pool);
        } else if (!now.equals(before)) {
            pool.reconfigure(spec, config.admission(), policy);
        }
        made.put(spec.name(), now);
        return pool;
    }

    /** Says once what a file says and what counts in another way here. */
    private static void warn(@Nullable EndpointPickerConfig chain, @Nullable EndpointPickerConfig before) {
        if (chain != null && !chain.equals(before)) {
            chain.warnings().forEach(warning -> LOG.warn("{}: {}", chain.file(), warning));
        }
    }
}
