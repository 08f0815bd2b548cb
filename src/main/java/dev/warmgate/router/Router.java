package dev.warmgate.router;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All pools of a gateway: finds the pool of a model and lets it choose. Immutable; any thread.
 */
public final class Router {
    /** How often {@link #tick} wants to be called. */
    public static final Duration TICK = Duration.ofMillis(10);

    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);

    private final List<Pool> pools;

    /** Creates a router over at least one pool. */
    public Router(List<Pool> pools) {
        if (pools.isEmpty()) {
            throw new IllegalArgumentException("pools: none (expected: at least one)");
        }
        this.pools = List.copyOf(pools);
    }

    /** Returns the pools, in configured order. */
    public List<Pool> pools() {
        return pools;
    }

    /**
     * Chooses an endpoint for a request and books it.
     *
     * @param tried endpoints that already failed this request and must not be chosen again
     */
    public RouteResult route(InferenceRequest request, Set<Endpoint> tried) {
        var pool = poolOf(request.model());
        return pool == null ? unknown(request) : pool.route(request, tried);
    }

    /**
     * Chooses an endpoint for a new request and books it if there is room; if not, the request waits for it.
     *
     * @param waiter hears what becomes of a request that is {@linkplain RouteResult.Queued queued}; not of others
     */
    public RouteResult admit(InferenceRequest request, Waiter waiter) {
        var pool = poolOf(request.model());
        return pool == null ? unknown(request) : pool.admit(request, waiter);
    }

    /**
     * Looks after those that wait: who has waited too long, and who may go because time passed. To be called about every
     * {@link #TICK} while any do.
     */
    public void tick() {
        for (var pool : pools) {
            pool.tick();
        }
    }

    /** Returns how many requests wait. */
    public int waiting() {
        int sum = 0;
        for (var pool : pools) {
            sum += pool.waiting();
        }
        return sum;
    }

    /** Returns the work that a request is expected to be, the mean of its pool's endpoints; looks at all of them. */
    public WorkEstimate estimate(InferenceRequest request) {
        var pool = poolOf(request.model());
        return pool == null ? WorkEstimate.NONE : WorkEstimate.of(pool, request);
    }

    private @Nullable Pool poolOf(String model) {
        Pool mayStillAppear = null;
        for (Pool pool : pools) {
            switch (pool.serves(model)) {
                case YES -> {
                    return pool;
                }
                case UNKNOWN -> mayStillAppear = mayStillAppear == null ? pool : mayStillAppear;
                case NO -> {}
            }
        }
        return mayStillAppear;
    }

    private RouteResult unknown(InferenceRequest request) {
        return new RouteResult.UnknownModel(request.model(), List.copyOf(models()));
    }

    /**
     * Chooses the least loaded endpoint of the first pool that has one available, for requests whose body is not
     * understood.
     */
    public RouteResult routeByLoad(Set<Endpoint> tried) {
        RouteResult result = pools.getFirst().routeByLoad(tried);
        for (int i = 1; i < pools.size() && result instanceof RouteResult.Unavailable; i++) {
            result = pools.get(i).routeByLoad(tried);
        }
        return result;
    }

    /** Returns all models known to be served, sorted. */
    public Set<String> models() {
        var all = new TreeSet<String>();
        for (Pool pool : pools) {
            all.addAll(pool.models());
        }
        return all;
    }

    static Duration retryAfter(Duration wait) {
        var seconds = Duration.ofSeconds(Math.max(1, wait.plusMillis(999).toSeconds()));
        return seconds.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : seconds;
    }
}
