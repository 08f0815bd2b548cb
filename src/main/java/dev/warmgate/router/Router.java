package dev.warmgate.router;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * All pools of a gateway: finds the pool of a model and lets it choose. Immutable; any thread.
 */
public final class Router {
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
        boolean mayStillAppear = false;
        for (Pool pool : pools) {
            switch (pool.serves(request.model())) {
                case YES -> {
                    return pool.route(request, tried);
                }
                case UNKNOWN -> mayStillAppear = true;
                case NO -> {}
            }
        }
        if (mayStillAppear) {
            for (Pool pool : pools) {
                if (pool.serves(request.model()) == Pool.Serves.UNKNOWN) {
                    return pool.route(request, tried);
                }
            }
        }
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
