package dev.warmgate.router;

import dev.warmgate.router.quarantine.Quarantine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All pools of a gateway: finds the pool of a model and lets it choose. Any thread; pools may come and go while requests do.
 */
public final class Router {
    /** How often {@link #tick} wants to be called. */
    public static final Duration TICK = Duration.ofMillis(10);

    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);

    private final Quarantine quarantine = new Quarantine(System::nanoTime);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Written with this router's monitor held, as are those that retire. */
    private volatile List<Pool> pools;

    /** Removed pools whose requests have not all ended. */
    private volatile List<Pool> retiring = List.of();

    /** Creates a router over at least one pool. */
    public Router(List<Pool> pools) {
        this.pools = checked(pools);
        this.pools.forEach(pool -> pool.onChange(this::changed));
    }

    private static List<Pool> checked(List<Pool> pools) {
        if (pools.isEmpty()) {
            throw new IllegalArgumentException("pools: none (expected: at least one)");
        }
        for (var pool : pools) {
            if (pool.retired()) {
                throw new IllegalArgumentException("pools: " + pool.name() + " was removed (expected: a new one)");
            }
        }
        return List.copyOf(pools);
    }

    /**
     * Takes other pools, at least one, in this order of precedence; those that stay are the same objects. Pools that are left
     * out send what waits there, let what is in flight finish, and are gone.
     */
    public void reconfigure(List<Pool> wanted) {
        List<Pool> removed;
        synchronized (this) {
            var now = checked(wanted);
            removed = pools.stream().filter(pool -> !now.contains(pool)).toList();
            now.forEach(pool -> pool.onChange(this::changed));
            var all = new ArrayList<>(retiring);
            all.addAll(removed);
            retiring = List.copyOf(all);
            pools = now;
        }
        removed.forEach(Pool::retire);
        changed();
    }

    /** Returns the requests that endpoints died of. */
    public Quarantine quarantine() {
        return quarantine;
    }

    /** Returns removed pools whose requests have not all ended. */
    public List<Pool> retiring() {
        return retiring;
    }

    /**
     * Takes somebody who is to be told when pools or endpoints came, went or changed their {@linkplain Endpoint#state
     * state}. What changed is to be seen in {@link #pools} and {@link Pool#endpoints}, which are snapshots: one call may be
     * for several changes, and calls may overlap. On any thread, event loops as well: must be quick and not throw.
     */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void changed() {
        if (!retiring.isEmpty()) {
            synchronized (this) {
                retiring = retiring.stream()
                        .filter(pool -> !pool.endpoints().isEmpty())
                        .toList();
            }
        }
        listeners.forEach(Runnable::run);
    }

    /** Returns the pools as they are now, in configured order. */
    public List<Pool> pools() {
        return pools;
    }

    /**
     * Chooses an endpoint for a request and books it.
     *
     * @param tried endpoints that already failed this request and must not be chosen again
     */
    public RouteResult route(InferenceRequest request, Set<Endpoint> tried) {
        return inPool(request, pool -> pool.route(request, tried));
    }

    private RouteResult inPool(InferenceRequest request, Function<Pool, RouteResult> decision) {
        while (true) {
            var pool = poolOf(request.model());
            if (pool == null) {
                return unknown(request);
            }
            var result = decision.apply(pool);
            // It may have been removed in between, and then it is not found again.
            if (!(result instanceof RouteResult.Unavailable && pool.retired())) {
                return result;
            }
        }
    }

    /**
     * Chooses an endpoint for a new request and books it if there is room; if not, the request waits for it.
     *
     * @param waiter hears what becomes of a request that is {@linkplain RouteResult.Queued queued}; not of others
     */
    public RouteResult admit(InferenceRequest request, Waiter waiter) {
        return inPool(request, pool -> pool.admit(request, waiter));
    }

    /**
     * Looks after those that wait: who has waited too long, and who may go because time passed. To be called about every
     * {@link #TICK} while any do.
     */
    public void tick() {
        pools.forEach(Pool::tick);
        retiring.forEach(Pool::tick);
    }

    /** Returns how many requests wait. */
    public int waiting() {
        int sum = 0;
        for (var pool : pools) {
            sum += pool.waiting();
        }
        for (var pool : retiring) {
            sum += pool.waiting();
        }
        return sum;
    }

    /** Returns the work that a request is expected to be, the mean of its pool's endpoints; looks at all of them. */
    public WorkEstimate estimate(InferenceRequest request) {
        var pool = poolOf(request.model());
        return pool == null ? WorkEstimate.NONE : WorkEstimate.of(pool, request);
    }

    /**
     * Returns whether an endpoint is one of those that a request may be sent to, now or once it is well: it takes part in the
     * pool of the model and serves it.
     */
    public boolean mayTake(Endpoint endpoint, InferenceRequest request) {
        var pool = poolOf(request.model());
        return pool != null && pool.mayTake(endpoint, request);
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
        return routeByLoad(tried, null);
    }

    /**
     * The same, among certain endpoints only.
     *
     * @param allowed which endpoints may take the request; null for all
     */
    public RouteResult routeByLoad(Set<Endpoint> tried, @Nullable Predicate<Endpoint> allowed) {
        return routeByLoad(tried, allowed, Map.of());
    }

    /**
     * The same, with what policies want to know of the request's header. A pool whose policy {@linkplain
     * RoutingPolicy#placesUnread wants to} lets it choose.
     *
     * @param hints as {@link InferenceRequest#hints}
     */
    public RouteResult routeByLoad(
            Set<Endpoint> tried, @Nullable Predicate<Endpoint> allowed, Map<String, String> hints) {
        var all = pools;
        var request = Desk.NOTHING.onlyTo(allowed).hinted(hints);
        RouteResult result = all.getFirst().routeByLoad(request, tried);
        for (int i = 1; i < all.size() && result instanceof RouteResult.Unavailable; i++) {
            result = all.get(i).routeByLoad(request, tried);
        }
        return result;
    }

    /** Books the least loaded one of certain endpoints, whatever policies say: somebody has sent a request there already. */
    public RouteResult bookByLoad(Predicate<Endpoint> allowed) {
        var all = pools;
        var request = Desk.NOTHING.onlyTo(allowed);
        RouteResult result = all.getFirst().bookByLoad(request);
        for (int i = 1; i < all.size() && result instanceof RouteResult.Unavailable; i++) {
            result = all.get(i).bookByLoad(request);
        }
        return result;
    }

    /** Returns the names, in lower case, of the header fields that any pool's policy wants to know of a request. */
    public Set<String> hints() {
        Set<String> all = Set.of();
        for (var pool : pools) {
            var wanted = pool.policy().hints();
            if (all.isEmpty()) {
                all = wanted;
            } else if (!all.containsAll(wanted)) {
                all = new HashSet<>(all);
                all.addAll(wanted);
            }
        }
        return all;
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
