package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.QueueStats;
import dev.warmgate.router.prefix.PrefixIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that serve the same models, and everything that is decided among them.
 *
 * <p>{@code lock} guards the choice: policy state, prefix index, learned speeds, in-flight counters and open reservations.
 * Looking at the load, choosing and booking are one critical section, so that simultaneous requests see each other
 * (see "herding" in docs/routing.md).
 *
 * <p>Only who waits for a choice waits for the lock. What became of a request is left in {@code reports} if another thread
 * has the lock; whoever has it books that before it does anything else, and looks again after it let the lock go.
 */
public final class Pool {
    /** Looks at a taken lock before a thread goes to sleep: 25 µs or a little more; none where nobody could let it go. */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1_000 : 0;

    private final PoolSpec spec;
    private final RoutingPolicy policy;
    private final RoutingPolicy byLoad = new LeastRequests();
    private final LongSupplier nanoTime;
    private final List<Endpoint> endpoints;

    /** One for each thread that routes, so that it stays in the cache of that thread's processor. */
    private final ThreadLocal<Candidates> workspace;

    private final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentLinkedQueue<Report> reports = new ConcurrentLinkedQueue<>();

    /** What those that waited are still to be told. */
    private final ConcurrentLinkedQueue<News> news = new ConcurrentLinkedQueue<>();

    /** Written under the lock: whether room was left unoffered, so as to let others have the lock. */
    private volatile boolean moreToOffer;

    // Guarded by the lock.
    private final Desk desk;
    private final Admission admission;

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
        this.spec = spec;
        this.policy = policy;
        this.nanoTime = nanoTime;
        this.workspace = ThreadLocal.withInitial(() -> new Candidates(random, Desk.NOTHING));
        var list = new ArrayList<Endpoint>();
        for (EndpointSpec endpoint : spec.endpoints()) {
            list.add(new Endpoint(endpoint, list.size(), spec.health(), nanoTime));
        }
        if (spec.kvCapacityTokens() != PoolSpec.DEFAULT_KV_CAPACITY_TOKENS) {
            list.forEach(endpoint -> endpoint.kvCapacityTokens(spec.kvCapacityTokens()));
        }
        this.endpoints = List.copyOf(list);
        this.desk = new Desk(this, spec, policy, endpoints, random);
        this.admission = new Admission(this, desk, admission, endpoints, random);
    }

    /** Returns the pool's name. */
    public String name() {
        return spec.name();
    }

    /** Returns the policy that chooses. */
    public RoutingPolicy policy() {
        return policy;
    }

    /** Returns the endpoints in configured order. */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** Returns the models known to be served here, sorted. */
    public Set<String> models() {
        var all = new TreeSet<>(spec.models());
        for (Endpoint endpoint : endpoints) {
            var served = endpoint.models();
            if (served != null) {
                all.addAll(served);
            }
        }
        return all;
    }

    /** Returns reservations that are not settled: the number of requests in flight. */
    public int openReservations() {
        lock.lock();
        try {
            bookReports();
            return desk.openReservations();
        } finally {
            leave();
        }
    }

    /** Returns how much the prefix index holds and uses. */
    public PrefixIndex.Stats indexStats() {
        lock.lock();
        try {
            bookReports();
            return desk.index().stats();
        } finally {
            leave();
        }
    }

    /** For tests, while nothing is routed. */
    PrefixIndex index() {
        return desk.index();
    }

    /** Forgets what an endpoint is believed to hold, because it restarted. */
    public void forgetPrefixes(Endpoint endpoint) {
        lock.lock();
        try {
            bookReports();
            desk.index().forget(endpoint.slot());
        } finally {
            leave();
        }
    }

    enum Serves {
        YES,
        NO,
        UNKNOWN
    }

    Serves serves(String model) {
        if (spec.models().contains(model)) {
            return Serves.YES;
        }
        boolean anyTold = false;
        boolean mayTurnUp = false;
        for (Endpoint endpoint : endpoints) {
            var served = endpoint.models();
            if (served == null) {
                // One that is down and never told is no reason to keep a client with a misspelt model trying.
                mayTurnUp |= endpoint.available();
            } else if (served.contains(model)) {
                return Serves.YES;
            } else {
                anyTold = true;
            }
        }
        return mayTurnUp || !anyTold ? Serves.UNKNOWN : Serves.NO;
    }

    RouteResult route(InferenceRequest request, Set<Endpoint> tried) {
        return choose(request, tried, policy);
    }

    RouteResult routeByLoad(Set<Endpoint> tried) {
        return choose(Desk.NOTHING, tried, byLoad);
    }

    private RouteResult choose(InferenceRequest request, Set<Endpoint> tried, RoutingPolicy chooser) {
        var candidates = workspace.get();
        if (!desk.gather(candidates, request, tried, nanoTime.getAsLong())) {
            return desk.unavailable(request, tried);
        }
        acquire();
        try {
            bookReports();
            desk.price(candidates, chooser);
            return admission.book(candidates, chooser, null);
        } finally {
            leave();
        }
    }

    RouteResult admit(InferenceRequest request, Waiter waiter) {
        if (!admission.enabled()) {
            return choose(request, Set.of(), policy);
        }
        var candidates = workspace.get();
        if (!desk.gather(candidates, request, Set.of(), nanoTime.getAsLong())) {
            return desk.unavailable(request, Set.of());
        }
        acquire();
        try {
            bookReports();
            desk.price(candidates, policy);
            var otherwise = admission.arrives(
                    request,
                    waiter,
                    candidates.chosen(),
                    candidates.prefillSeconds(),
                    candidates.match().continues(),
                    candidates.nanoTime());
            if (otherwise == null) {
                return admission.book(candidates, policy, null);
            }
            if (otherwise instanceof RouteResult.Queued) {
                desk.wanted(candidates);
            }
            return otherwise;
        } finally {
            leave();
        }
    }

    void tick() {
        acquire();
        try {
            bookReports();
            if (admission.queue().size() > 0) {
                admission.tick(nanoTime.getAsLong());
            }
        } finally {
            leave();
        }
    }

    /** Returns how many requests wait. */
    public int waiting() {
        acquire();
        try {
            bookReports();
            return admission.queue().size();
        } finally {
            leave();
        }
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
        acquire();
        try {
            bookReports();
            return admission.stats(flows, nanoTime.getAsLong());
        } finally {
            leave();
        }
    }

    boolean leaveQueue(Ticket ticket) {
        acquire();
        try {
            bookReports();
            return admission.leaves(ticket);
        } finally {
            leave();
        }
    }

    /** Tells somebody something once the lock is free. */
    void tell(Waiter waiter, RouteResult result) {
        news.add(new News(waiter, result));
    }

    void firstToken(Reservation reservation) {
        report(reservation, null);
    }

    boolean settle(Reservation reservation, Usage usage) {
        if (!reservation.close()) {
            return false;
        }
        report(reservation, usage);
        return true;
    }

    /**
     * What became of a request.
     *
     * @param usage what its answer took; null if this is the first token of it
     * @param at when, on the router's clock
     */
    private record Report(Reservation reservation, @Nullable Usage usage, long at) {}

    private void report(Reservation reservation, @Nullable Usage usage) {
        long now = nanoTime.getAsLong();
        if (lock.tryLock()) {
            try {
                bookReports();
                book(reservation, usage, now);
            } finally {
                leave();
            }
        } else {
            reports.add(new Report(reservation, usage, now));
            lookAgain();
        }
    }

    private record News(Waiter waiter, RouteResult result) {}

    /** Takes the lock, and waits awake for about as long as a choice takes, because to sleep and be woken takes longer. */
    private void acquire() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    private void leave() {
        try {
            offerRoom();
        } finally {
            lock.unlock();
        }
        lookAgain();
    }

    private void offerRoom() {
        if (admission.hasChanges()) {
            admission.offer(nanoTime.getAsLong());
        }
        moreToOffer = admission.hasChanges();
    }

    /**
     * Books reports that came while another thread had the lock, and offers what room is left to offer; if another has the
     * lock now, it will look again as well. Then tells who waited.
     */
    private void lookAgain() {
        while ((!reports.isEmpty() || moreToOffer) && lock.tryLock()) {
            try {
                bookReports();
                offerRoom();
            } finally {
                lock.unlock();
            }
        }
        for (var next = news.poll(); next != null; next = news.poll()) {
            next.waiter.decided(next.result);
        }
    }

    private void bookReports() {
        for (var report = reports.poll(); report != null; report = reports.poll()) {
            book(report.reservation, report.usage, report.at);
        }
    }

    private void book(Reservation reservation, @Nullable Usage usage, long now) {
        desk.book(reservation, usage, now);
        if (usage != null) {
            admission.ended(reservation, usage, now);
        }
        admission.change(reservation.endpoint().slot());
    }
}
