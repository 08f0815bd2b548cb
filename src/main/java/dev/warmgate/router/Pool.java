package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.QueueStats;
import dev.warmgate.router.prefix.PrefixIndex;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that serve the same models, and everything that is decided among them.
 *
 * <p>{@code lock} guards the choice: policy state, prefix index, learned speeds, in-flight counters and open reservations.
 * Looking at the load, choosing and booking are one critical section, so that simultaneous requests see each other
 * (see "herding" in docs/routing.md).
 */
public final class Pool {
    private final String name;
    private final RoutingPolicy byLoad = new LeastRequests();
    private final LongSupplier nanoTime;

    /** One for each thread that routes, so that it stays in the cache of that thread's processor. */
    private final ThreadLocal<Candidates> workspace;

    private final PoolLock lock = new PoolLock(new Keeper());

    /** Written once, by the router that the pool belongs to. */
    private volatile Runnable listener = () -> {};

    private volatile boolean retired;

    // Guarded by the lock.
    private final Roster roster;
    private final Desk desk;
    private final Admission admission;
    private final Membership membership;

    /**
     * Creates a pool.
     *
     * @param nanoTime the clock; {@code System::nanoTime}, or virtual time
     * @param random for ties; used under the pool's lock only
     */
    public Pool(PoolSpec spec, RoutingPolicy policy, LongSupplier nanoTime, RandomGenerator random) {
        this(spec, AdmissionSettings.DEFAULT, policy, nanoTime, random);
    }

    /**
     * Creates a pool with its own rules of admission.
     *
     * @param nanoTime the clock; {@code System::nanoTime}, or virtual time
     * @param random for ties; used under the pool's lock only
     */
    public Pool(
            PoolSpec spec,
            AdmissionSettings admission,
            RoutingPolicy policy,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.name = spec.name();
        this.nanoTime = nanoTime;
        this.roster = new Roster(spec, nanoTime);
        this.workspace = ThreadLocal.withInitial(() -> new Candidates(random, Desk.NOTHING, roster.members()));
        this.desk = new Desk(this, roster, policy, random);
        this.admission = new Admission(this, desk, admission, roster, random);
        this.membership = new Membership(roster, desk, this.admission, nanoTime, lock::tell, () -> listener.run());
    }

    /** Returns the pool's name. */
    public String name() {
        return name;
    }

    /** Returns the policy that chooses. */
    public RoutingPolicy policy() {
        return desk.policy();
    }

    /**
     * Returns the endpoints as they are now, in configured order; those that {@linkplain Endpoint.State#LEAVING leave} at
     * the end. One that leaves may have the name of another.
     */
    public List<Endpoint> endpoints() {
        return roster.members().all();
    }

    /** Returns whether so many endpoints look bad that requests are sent to them all the same. */
    public boolean panics() {
        return roster.members().panics();
    }

    /** Returns the models known to be served here, sorted. */
    public Set<String> models() {
        return roster.members().models();
    }

    // ---- endpoints come, drain and leave

    /**
     * Takes other endpoints, rules and another policy, while requests go on.
     *
     * <p>An endpoint with the same name and address as before is the same one: what is known about it stays, and requests
     * in flight there do not notice. Those that are not listed any more leave as soon as nothing is in flight there;
     * requests that waited for them are placed again. A policy that does the same as the present one is ignored in its
     * favour.
     * The bound of the index stays as it was at the start.
     *
     * @param spec with the pool's name
     * @throws IllegalStateException if the pool was removed from its router, or far too many endpoints are still leaving;
     *     nothing has changed then
     */
    public void reconfigure(PoolSpec spec, AdmissionSettings settings, RoutingPolicy policy) {
        if (!spec.name().equals(name)) {
            throw new IllegalArgumentException("name: " + spec.name() + " (expected: " + name + ")");
        }
        lock.locked(() -> {
            membership.become(spec, settings, policy);
            return true;
        });
    }

    /**
     * Sends nothing new to an endpoint until it is taken back; requests that waited for it are placed again, those in flight
     * finish. Also for one that leaves, to hear when it is gone.
     *
     * @return completed with true when nothing is in flight there, with false when it was taken back before; on whichever
     *     thread ended the last request, so that what depends on it must be quick or go elsewhere
     * @throws IllegalArgumentException if it is an endpoint of another pool
     */
    public CompletableFuture<Boolean> drain(Endpoint endpoint) {
        return lock.locked(() -> membership.drain(endpoint)).copy();
    }

    /**
     * Takes an endpoint back that was drained.
     *
     * @return whether it takes requests now: not if it leaves or is gone
     * @throws IllegalArgumentException if it is an endpoint of another pool
     */
    public boolean undrain(Endpoint endpoint) {
        return lock.locked(() -> membership.undrain(endpoint));
    }

    /** Lets all endpoints leave, once those that wait have been sent; for a router that does not send new ones here. */
    void retire() {
        retired = true;
        lock.locked(() -> {
            membership.retire();
            return true;
        });
    }

    /** Returns whether the pool was removed from its router. */
    boolean retired() {
        return retired;
    }

    /** Takes who is to be told when endpoints come, go or change their state; see {@link Router#onChange}. */
    void onChange(Runnable told) {
        listener = told;
    }

    // ---- what is known

    /** Returns reservations that are not settled: the number of requests in flight. */
    public int openReservations() {
        return lock.locked(desk::openReservations);
    }

    /** Returns how much the prefix index holds and uses. */
    public PrefixIndex.Stats indexStats() {
        return lock.locked(() -> desk.index().stats());
    }

    /** For tests, while nothing is routed. */
    PrefixIndex index() {
        return desk.index();
    }

    /** Forgets what an endpoint is believed to hold, because it restarted. */
    public void forgetPrefixes(Endpoint endpoint) {
        lock.locked(() -> {
            if (endpoint.state() != Endpoint.State.GONE) {
                desk.index().forget(endpoint.slot());
            }
            return true;
        });
    }

    Members.Serves serves(String model) {
        return roster.members().serves(model);
    }

    boolean mayTake(Endpoint endpoint, InferenceRequest request) {
        return desk.mayTake(endpoint, request);
    }

    RouteResult route(InferenceRequest request, Set<Endpoint> tried) {
        return choose(request, tried, null);
    }

    // ---- requests

    RouteResult routeByLoad(InferenceRequest request, Set<Endpoint> tried) {
        return choose(request, tried, policy().placesUnread() ? null : byLoad);
    }

    RouteResult bookByLoad(InferenceRequest request) {
        return choose(request, Set.of(), byLoad);
    }

    private RouteResult choose(InferenceRequest request, Set<Endpoint> tried, @Nullable RoutingPolicy otherwise) {
        var candidates = workspace.get();
        desk.gather(candidates, request, tried, nanoTime.getAsLong(), true);
        lock.enter();
        try {
            if (!desk.stillGathered(candidates, tried)) {
                return desk.unavailable(request, tried);
            }
            if (!desk.leavesSome(candidates)) {
                return desk.full();
            }
            var chooser = otherwise == null ? desk.policy() : otherwise;
            return desk.price(candidates, chooser)
                    ? admission.book(candidates, chooser, null)
                    : Desk.filtered(candidates);
        } finally {
            lock.leave();
        }
    }

    RouteResult admit(InferenceRequest request, Waiter waiter) {
        if (!admission.enabled()) {
            return choose(request, Set.of(), null);
        }
        var candidates = workspace.get();
        desk.gather(candidates, request, Set.of(), nanoTime.getAsLong(), true);
        lock.enter();
        try {
            if (!desk.stillGathered(candidates, Set.of())) {
                return desk.unavailable(request, Set.of());
            }
            var policy = desk.policy();
            admission.present(candidates);
            if (!desk.price(candidates, policy)) {
                return Desk.filtered(candidates);
            }
            var otherwise = admission.arrives(candidates, waiter);
            if (otherwise == null) {
                return admission.book(candidates, policy, null);
            }
            if (otherwise instanceof RouteResult.Queued) {
                desk.wanted(candidates);
            }
            return otherwise;
        } finally {
            lock.leave();
        }
    }

    void tick() {
        lock.locked(() -> {
            if (admission.queue().size() > 0) {
                admission.tick(nanoTime.getAsLong());
            }
            return true;
        });
    }

    /** Returns how many requests wait. */
    public int waiting() {
        return lock.locked(() -> admission.queue().size());
    }

    /** Returns whether requests may wait here. */
    public boolean queues() {
        return admission.enabled();
    }

    /**
     * Describes what waits. Takes the lock: for about 10 µs, and with flows, for people, for about 100 µs.
     *
     * @param flows so many of the flows with most requests waiting are described too
     */
    public QueueStats queueStats(int flows) {
        return lock.locked(() -> admission.stats(flows, nanoTime.getAsLong()));
    }

    boolean leaveQueue(Ticket ticket) {
        lock.enter();
        try {
            return admission.leaves(ticket);
        } finally {
            lock.leave();
        }
    }

    /** Tells somebody what became of a request, once the lock is free. */
    void tell(Waiter waiter, RouteResult result) {
        lock.tell(() -> waiter.decided(result));
    }

    void firstToken(Reservation reservation) {
        lock.report(reservation, null, nanoTime.getAsLong());
    }

    boolean settle(Reservation reservation, Usage usage) {
        if (!reservation.close()) {
            return false;
        }
        lock.report(reservation, usage, nanoTime.getAsLong());
        return true;
    }

    private final class Keeper implements PoolLock.Keeper {
        @Override
        public void book(Reservation reservation, @Nullable Usage usage, long at) {
            desk.book(reservation, usage, at);
            if (usage != null) {
                admission.ended(reservation, usage, at);
                membership.ended(reservation.endpoint());
            }
            admission.change(reservation.endpoint().slot());
        }

        @Override
        public boolean offerRoom() {
            if (admission.hasChanges()) {
                admission.offer(nanoTime.getAsLong());
            }
            membership.look();
            return admission.hasChanges();
        }
    }
}
