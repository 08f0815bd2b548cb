package dev.warmgate.router;

import dev.warmgate.router.Reservation.Telling;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Flow;
import dev.warmgate.router.admission.QueueStats;
import dev.warmgate.router.prefix.PrefixIndex;
import dev.warmgate.router.prefix.PromptBlocks;
import java.time.Duration;
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
    private static final InferenceRequest NOTHING = new InferenceRequest("", PromptBlocks.EMPTY, -1, null);

    /** A stamp that no entry of the prefix index has: the index was not asked. */
    private static final long NOT_READ = Long.MIN_VALUE;

    /** How far an engine's count of cached tokens may lie below ours before it contradicts: token counts are estimates. */
    private static final double TOLERANCE = 0.25;

    private static final int TOLERANCE_TOKENS = 256;

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
    private final PrefixIndex index;
    private final PrefillSpeeds speeds;
    private final Admission admission;
    private final Candidates reconsidered;
    private int openReservations;

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
        this.workspace = ThreadLocal.withInitial(() -> new Candidates(random, NOTHING));
        var list = new ArrayList<Endpoint>();
        for (EndpointSpec endpoint : spec.endpoints()) {
            list.add(new Endpoint(endpoint, list.size(), spec.health(), nanoTime));
        }
        if (spec.kvCapacityTokens() != PoolSpec.DEFAULT_KV_CAPACITY_TOKENS) {
            list.forEach(endpoint -> endpoint.kvCapacityTokens(spec.kvCapacityTokens()));
        }
        this.endpoints = List.copyOf(list);
        this.index = new PrefixIndex(list.size(), spec.kvCapacityTokens(), spec.indexBytes());
        this.speeds = new PrefillSpeeds(endpoints);
        this.admission = new Admission(this, admission, endpoints, random);
        this.reconsidered = new Candidates(random, NOTHING);
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
            return openReservations;
        } finally {
            leave();
        }
    }

    /** Returns how much the prefix index holds and uses. */
    public PrefixIndex.Stats indexStats() {
        lock.lock();
        try {
            bookReports();
            return index.stats();
        } finally {
            leave();
        }
    }

    /** For tests, while nothing is routed. */
    PrefixIndex index() {
        return index;
    }

    /** Forgets what an endpoint is believed to hold, because it restarted. */
    public void forgetPrefixes(Endpoint endpoint) {
        lock.lock();
        try {
            bookReports();
            index.forget(endpoint.slot());
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
        return choose(NOTHING, tried, byLoad);
    }

    private RouteResult choose(InferenceRequest request, Set<Endpoint> tried, RoutingPolicy chooser) {
        var candidates = workspace.get();
        if (!gather(candidates, request, tried, nanoTime.getAsLong())) {
            return unavailable(request, tried);
        }
        acquire();
        try {
            bookReports();
            price(candidates, chooser);
            return book(candidates, chooser, null);
        } finally {
            leave();
        }
    }

    RouteResult admit(InferenceRequest request, Waiter waiter) {
        if (!admission.enabled()) {
            return choose(request, Set.of(), policy);
        }
        var candidates = workspace.get();
        if (!gather(candidates, request, Set.of(), nanoTime.getAsLong())) {
            return unavailable(request, Set.of());
        }
        acquire();
        try {
            bookReports();
            price(candidates, policy);
            var otherwise = admission.arrives(
                    request,
                    waiter,
                    candidates.chosen(),
                    candidates.prefillSeconds(),
                    candidates.match().continues(),
                    candidates.nanoTime());
            if (otherwise == null) {
                return book(candidates, policy, null);
            }
            if (otherwise instanceof RouteResult.Queued) {
                wanted(candidates);
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
     * Describes what waits. Takes the lock, for some microseconds.
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

    // ---- For admission, under the lock.

    /**
     * Returns what a request that waits costs where, or null if no endpoint is available.
     *
     * @param slot the endpoint it waits for, if any: a policy that does not look at prompts chose it for good
     */
    @Nullable
    Candidates price(InferenceRequest request, int slot, long now) {
        if (slot >= 0 && !policy.readsPrefixIndex()) {
            reconsidered.begin(request, now);
            reconsidered.add(endpoints.get(slot));
            chose(reconsidered, 0, false);
            return reconsidered;
        }
        if (!gather(reconsidered, request, Set.of(), now)) {
            return null;
        }
        price(reconsidered, policy);
        return reconsidered;
    }

    /** Books a request of a flow that waited. */
    RouteResult book(Candidates candidates, Flow waited) {
        return book(candidates, policy, waited);
    }

    /** Hears that a request that was priced has to wait. */
    private void wanted(Candidates candidates) {
        if (candidates.indexed()) {
            index.wanted(candidates.match());
        }
    }

    /** Tells somebody something once the lock is free. */
    void tell(Waiter waiter, RouteResult result) {
        news.add(new News(waiter, result));
    }

    /** Returns the shortest time that an endpoint keeps what nobody uses, about; infinity if none had to evict yet. */
    double evictionAgeSeconds(long now) {
        return index.evictionAgeSeconds(now);
    }

    private boolean gather(Candidates candidates, InferenceRequest request, Set<Endpoint> tried, long now) {
        candidates.begin(request, now);
        // Without a prompt nobody knows the model either.
        boolean everyone = request.model().isEmpty() || spec.models().contains(request.model());
        for (Endpoint endpoint : endpoints) {
            if (endpoint.available()
                    && endpoint.spec().role().answers()
                    && (tried.isEmpty() || !tried.contains(endpoint))
                    && (everyone || mayServe(endpoint, request))) {
                candidates.add(endpoint);
            }
        }
        return candidates.size() > 0;
    }

    private void price(Candidates candidates, RoutingPolicy chooser) {
        var request = candidates.request();
        boolean warm = chooser.readsPrefixIndex() && request.prompt().count() > 0;
        if (warm) {
            index.find(request.model(), request.prompt(), candidates.nanoTime(), candidates.match());
        }
        chose(candidates, chooser.choose(candidates), warm);
    }

    private void chose(Candidates candidates, int choice, boolean warm) {
        candidates.chose(choice, warm);
        if (admission.enabled() && !warm) {
            // A policy that does not look at prompts says nothing about them.
            int tokens = candidates.request().prompt().tokens();
            candidates.prefillSeconds(
                    candidates.chosen().prefillSecondsPerToken() * PrefillSpeeds.effectiveTokens(tokens, tokens));
        }
    }

    private RouteResult book(Candidates candidates, RoutingPolicy chooser, @Nullable Flow waited) {
        var request = candidates.request();
        var endpoint = candidates.chosen();
        boolean warm = candidates.indexed();
        int cached = warm ? candidates.match().cachedTokens(endpoint.slot()) : 0;
        boolean sure = warm && candidates.match().formerTokens(endpoint.slot()) == cached;
        long stamp = warm ? candidates.match().stamp(endpoint.slot()) : NOT_READ;
        var explanation = request.explain() ? Explainer.explain(chooser, candidates, candidates.choice(), warm) : null;
        int pin = 0;
        if (warm) {
            pin = index.record(candidates.match(), endpoint.slot(), waited == null);
            updateCapacity(endpoint);
            endpoint.kvPromptTokens(index.pinnedTokens(endpoint.slot()));
        }
        var decision = new Decision(
                spec.name(),
                endpoint.name(),
                chooser.name(),
                request.prompt().tokens(),
                cached,
                candidates.costSeconds(),
                explanation);
        var reservation = new Reservation(
                this, endpoint, request, decision, candidates.prefillSeconds(), candidates.nanoTime(), stamp, pin);
        if (warm && endpoint.pendingPrefillTokens() == 0) {
            reservation.telling(sure ? Telling.SPEED : Telling.IF_TOLD);
        }
        endpoint.book(1);
        endpoint.beginPrefill(reservation.prefillTokens(), reservation.prefillNanos(), candidates.nanoTime());
        openReservations++;
        if (admission.enabled() && !request.model().isEmpty()) {
            admission.goes(candidates, reservation, waited, candidates.prefillSeconds(), candidates.nanoTime());
        }
        return new RouteResult.Routed(reservation);
    }

    private static boolean mayServe(Endpoint endpoint, InferenceRequest request) {
        var served = endpoint.models();
        return served == null || served.contains(request.model());
    }

    private void updateCapacity(Endpoint endpoint) {
        var load = endpoint.engineLoad();
        if (load != null && load.kvCapacityTokens() > 0) {
            index.capacity(endpoint.slot(), load.kvCapacityTokens());
            endpoint.kvCapacityTokens(load.kvCapacityTokens());
        }
    }

    private RouteResult unavailable(InferenceRequest request, Set<Endpoint> tried) {
        Duration soonest = Duration.ofSeconds(60);
        int down = 0;
        for (Endpoint endpoint : endpoints) {
            if (!endpoint.available()) {
                down++;
                var wait = endpoint.unavailableFor();
                soonest = wait.compareTo(soonest) < 0 ? wait : soonest;
            }
        }
        String reason = down == endpoints.size()
                ? "All " + down + " endpoints of pool " + spec.name() + " are down; they are checked continuously."
                : tried.isEmpty()
                        ? "No available endpoint of pool " + spec.name() + " serves model " + request.model() + " now."
                        : tried.size() + " of " + endpoints.size() + " endpoints of pool " + spec.name()
                                + " failed this request and no other is available.";
        return new RouteResult.Unavailable(reason, Router.retryAfter(down == 0 ? Duration.ofSeconds(1) : soonest));
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
        offerRoom();
        lock.unlock();
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
        var endpoint = reservation.endpoint();
        admission.change(endpoint.slot());
        boolean first = reservation.endPrefill();
        if (first) {
            endpoint.endPrefill(reservation.prefillTokens(), reservation.prefillNanos());
        }
        if (usage == null) {
            if (first) {
                reservation.beginAnswer(now);
                endpoint.beginAnswer(now);
            }
        } else {
            endpoint.book(-1);
            openReservations--;
            admission.ended(reservation, usage, now);
            if (reservation.answering()) {
                endpoint.endAnswer(reservation.firstTokenAt(), now, usage.outputTokens());
            }
            if (reservation.stamp() != NOT_READ) {
                learnCache(reservation, usage);
            }
            if (reservation.answering() && reservation.telling() != Telling.NOTHING) {
                learnSpeed(reservation, usage, now);
            }
        }
    }

    private void learnCache(Reservation reservation, Usage usage) {
        int slot = reservation.endpoint().slot();
        int believed = reservation.decision().cachedTokens();
        if (usage.cachedTokens() >= 0 && believed - usage.cachedTokens() > believed * TOLERANCE + TOLERANCE_TOKENS) {
            index.evicted(slot, reservation.stamp());
        }
        index.released(reservation.request().prompt(), slot, reservation.pin(), usage.outputTokens());
        reservation.endpoint().kvPromptTokens(index.pinnedTokens(slot));
    }

    private void learnSpeed(Reservation reservation, Usage usage, long now) {
        speeds.ended(
                reservation.endpoint().slot(),
                reservation.decision().promptTokens(),
                reservation.telling() == Telling.SPEED ? reservation.decision().cachedTokens() : -1,
                usage,
                reservation.ttftNanos(),
                now - reservation.firstTokenAt());
    }
}
