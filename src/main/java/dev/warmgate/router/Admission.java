package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Flow;
import dev.warmgate.router.admission.QueueStats;
import dev.warmgate.router.admission.QueuedRequest;
import java.util.ArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pool has room for a request, and what becomes of those that find none. Owned by the pool's lock.
 */
final class Admission {
    /** An answer that is not longer says little about the time per token. */
    private static final int TELLING_TOKENS = 8;

    private static final double NANOS = 1e9;

    /** Pricings done at one go. */
    private static final int EFFORT = 4;

    /** When the first one that waits for an endpoint looks whether another has become cheaper. */
    private static final long PATIENCE_NANOS = 50_000_000L;

    /** When those that no endpoint could take look again. */
    private static final long RECALL_NANOS = 1_000_000_000L;

    private final Pool pool;
    private final Desk desk;
    private final Roster roster;
    private final AdmissionQueue queue;
    private final Room room;
    private final Thrash thrash;
    private final Demand demand;
    private final Refusals refusals;

    /** Endpoints where there may be room that was not offered yet. */
    private final SlotSet changes = new SlotSet();

    /** Whether requests wait here; written under the lock, read by any thread. */
    private volatile boolean enabled;

    /** When those that no endpoint could take looked again. */
    private long recalledAt;

    Admission(Pool pool, Desk desk, AdmissionSettings settings, Roster roster, RandomGenerator random) {
        this.pool = pool;
        this.desk = desk;
        this.enabled = settings.enabled();
        this.roster = roster;
        this.refusals = new Refusals(random);
        this.queue = new AdmissionQueue(settings, roster.slots());
        this.thrash = new Thrash(roster, queue);
        this.demand = new Demand(roster, queue);
        this.room = new Room(roster, queue, thrash, demand);
        room.endless(!enabled);
    }

    /** Returns whether requests wait here. Any thread. */
    boolean enabled() {
        return enabled;
    }

    // ---- endpoints and rules change

    /** Takes other rules. Those that wait keep the times that they were given; if nobody shall wait any more, they go. */
    void become(AdmissionSettings settings) {
        enabled = settings.enabled();
        room.endless(!enabled);
        queue.settings(settings);
        queue.grow(roster.slots());
    }

    /** Hears that an endpoint takes no new requests: those that wait for it may go anywhere. */
    void leaves(Endpoint endpoint, long now) {
        unpark(endpoint.slot(), now);
    }

    /** Hears that endpoints came or went: everybody looks again where to go. */
    void placesChanged(long now) {
        unpark(AdmissionQueue.NONE, now);
        changes.addAll(roster.slots());
    }

    private AdmissionQueue.Gate gate() {
        return enabled ? thrash : _ -> true;
    }

    QueueStats stats(int flows, long now) {
        return queue.stats(flows, gate(), now);
    }

    AdmissionQueue queue() {
        return queue;
    }

    // ---- a request comes

    /** Prepares candidates to be priced. */
    void present(Candidates candidates) {
        room.present(candidates, queue.flow(candidates.request().standing()));
    }

    /**
     * Decides on a new request that was priced.
     *
     * @return null if it may go to the chosen endpoint at once
     */
    @Nullable
    RouteResult arrives(Candidates candidates, Waiter waiter) {
        var request = candidates.request();
        var choice = candidates.chosen();
        double prefillSeconds = candidates.prefillSeconds();
        boolean running = candidates.match().continues();
        long now = candidates.nanoTime();
        var standing = request.standing();
        var flow = queue.flow(standing);
        var band = flow.band();
        thrash.look(now);
        demand.add(band, prefillSeconds, now);
        if (choice.backlogSeconds(now) + prefillSeconds > standing.timeoutSeconds()) {
            return refusals.of(RefusalReason.DEADLINE, flow);
        }
        if ((running || thrash.at(choice).isOpenFor(band))
                && room.has(choice, flow, now)
                && queue.clear(band, choice.slot(), thrash.at(choice), room.at(choice, now), now)
                && room.fits(candidates, flow)) {
            return null;
        }
        var shed = new ArrayList<QueuedRequest>(0);
        var fit = queue.makeRoom(flow, request.bytes(), shed);
        for (var victim : shed) {
            drop((Ticket) victim, victim.flow().band() == band ? RefusalReason.FLOW_FULL : RefusalReason.SHED);
        }
        if (fit != AdmissionQueue.Fit.FITS) {
            return refusals.of(
                    fit == AdmissionQueue.Fit.FULL ? RefusalReason.QUEUE_FULL : RefusalReason.FLOW_FULL, flow);
        }
        double output = Work.outputTokens(flow, request);
        var ticket = new Ticket(
                pool,
                request,
                waiter,
                flow,
                running,
                Work.expectedSeconds(choice, prefillSeconds, request.prompt().tokens(), output),
                Ticket.times(request, band, prefillSeconds, now));
        ticket.priced(prefillSeconds, Work.addedTokens(flow, candidates));
        queue.add(ticket, choice.slot());
        park(ticket, choice, now);
        // It may go before those that made it wait.
        change(choice.slot());
        return new RouteResult.Queued(ticket);
    }

    private void letGo(Ticket ticket) {
        if (ticket.slot() >= 0) {
            roster.get(ticket.slot()).parked().add(-1, -ticket.prefillSeconds(), -ticket.kvTokens(), ticket.yields());
        }
    }

    private void park(Ticket ticket, Endpoint endpoint, long now) {
        ticket.yields(room.yields(ticket.flow(), now));
        endpoint.parked().add(1, ticket.prefillSeconds(), ticket.kvTokens(), ticket.yields());
    }

    /** Takes a ticket out of the queue. */
    private void take(Ticket ticket) {
        letGo(ticket);
        queue.take(ticket);
        ticket.over();
    }

    /** Lets a ticket wait for the endpoint that was chosen for it. */
    private void move(Ticket ticket, Candidates candidates) {
        letGo(ticket);
        queue.move(ticket, candidates.chosen().slot());
        ticket.priced(candidates.prefillSeconds(), Work.addedTokens(ticket.flow(), candidates));
        park(ticket, candidates.chosen(), candidates.nanoTime());
    }

    /** Lets a ticket wait for any endpoint or for none. */
    private void move(Ticket ticket, int slot) {
        letGo(ticket);
        queue.move(ticket, slot);
    }

    boolean leaves(Ticket ticket) {
        if (!ticket.waiting()) {
            return false;
        }
        int slot = ticket.slot();
        take(ticket);
        if (slot >= 0) {
            change(slot);
        }
        return true;
    }

    /**
     * Books a choice.
     *
     * @param waited the request's flow if it waited, else null
     */
    RouteResult book(Candidates candidates, RoutingPolicy chooser, @Nullable Flow waited) {
        var reservation = desk.book(candidates, chooser, waited == null);
        if (waited != null || (enabled && !candidates.request().model().isEmpty())) {
            goes(candidates, reservation, waited, candidates.prefillSeconds(), candidates.nanoTime());
        }
        return new RouteResult.Routed(reservation);
    }

    /**
     * Books that a request goes to an endpoint.
     *
     * @param waited its flow if it waited, else null
     */
    private void goes(
            Candidates candidates, Reservation reservation, @Nullable Flow waited, double prefillSeconds, long now) {
        var request = reservation.request();
        var flow = waited != null ? waited : queue.flow(request.standing());
        double output = Work.outputTokens(flow, request);
        var endpoint = reservation.endpoint();
        var charge = Work.charge(endpoint, prefillSeconds, request.prompt().tokens(), output);
        var scale = endpoint.workScale();
        double counted = scale.begins(charge.seconds() / scale.factor());
        reservation.charge(flow, charge, counted, output);
        endpoint.expectOutput(output);
        queue.dispatched(flow, charge, now);
        refusals.sent(charge.seconds(), now);
        room.took(reservation, flow, prefillSeconds, now);
        thrash.sent(flow.band(), endpoint, candidates.match(), request.prompt().tokens(), now);
    }

    /** Books that a request ended. */
    void ended(Reservation reservation, Usage usage, long now) {
        reservation.endpoint().expectOutput(-reservation.expectedOutput());
        var flow = reservation.flow();
        if (flow == null) {
            return;
        }
        double target = reservation.request().standing().tpotSeconds();
        boolean tells = reservation.answering() && reservation.request().streamed();
        if (target < Double.POSITIVE_INFINITY && tells && usage.outputTokens() > TELLING_TOKENS) {
            room.answered(reservation, (now - reservation.firstTokenAt()) / NANOS / (usage.outputTokens() - 1), target);
        }
        double seconds = Work.actualSeconds(reservation, usage, reservation.company());
        var scale = reservation.endpoint().workScale();
        scale.ends(seconds, reservation.countedSeconds());
        queue.ended(flow, reservation.charge(), seconds * scale.factor(), usage.outputTokens());
    }

    // ---- room turns up

    /** Offers the room of endpoints where something changed, a little of it: others wait for the lock. */
    void offer(long now) {
        int effort = EFFORT;
        while (effort > 0 && hasChanges()) {
            int slot = changes.take();
            var endpoint = roster.find(slot);
            if (endpoint != null) {
                effort = offer(endpoint, effort, now);
                if (effort <= 0) {
                    changes.add(slot);
                }
            }
        }
    }

    private int offer(Endpoint endpoint, int effort, long now) {
        int left = effort;
        thrash.look(now);
        while (left > 0 && roster.members().takes(endpoint)) {
            var next = next(endpoint, now);
            if (next == null) {
                return left;
            }
            var ticket = (Ticket) next;
            if (ticket.slot() == endpoint.slot() && !room.begins(endpoint, ticket.prefillSeconds(), now)) {
                // As it was when last priced; nobody shorter that is due later goes first.
                return left;
            }
            left--;
            var candidates = price(ticket, endpoint, now);
            if (candidates == null) {
                move(ticket, AdmissionQueue.NONE);
                continue;
            }
            var best = candidates.chosen();
            if (best.slot() != ticket.slot()) {
                move(ticket, candidates);
            }
            if (!room.fits(candidates, ticket.flow())) {
                // It waits until the KV cache has room; smaller ones must not starve it.
                if (best == endpoint) {
                    return left;
                }
            } else if (best == endpoint || goesNext(ticket, best, now)) {
                var routed = book(candidates, desk.policy(), ticket.flow());
                take(ticket);
                pool.tell(ticket.waiter(), routed);
            } else {
                // Others are before it there.
                change(best.slot());
            }
        }
        return left;
    }

    /** Prices one that goes first at an endpoint, so that nobody who waits there is before it. */
    private @Nullable Candidates price(Ticket ticket, Endpoint endpoint, long now) {
        var request = ticket.request();
        endpoint.parked().hide(ticket.slot() == endpoint.slot());
        var candidates = desk.price(request, ticket.slot(), this::present, now);
        if (candidates != null && room.isElsewhere(candidates, ticket.flow())) {
            candidates = desk.price(request, ticket.slot(), others -> room.presentRoomy(others, ticket.flow()), now);
        }
        endpoint.parked().hide(false);
        return candidates;
    }

    private @Nullable QueuedRequest next(Endpoint endpoint, long now) {
        return queue.next(endpoint.slot(), enabled ? thrash.at(endpoint) : gate(), room.at(endpoint, now), now);
    }

    private boolean goesNext(Ticket ticket, Endpoint endpoint, long now) {
        return next(endpoint, now) == ticket;
    }

    /** Looks after time: who waited too long, whose endpoint is gone, and where waits have become shorter. */
    void tick(long now) {
        for (var late = queue.expired(now); late != null; late = queue.expired(now)) {
            boolean deadline = late.expiresAt() - late.arrivedAt()
                    < Ticket.longestWait(late.flow().band());
            drop((Ticket) late, deadline ? RefusalReason.DEADLINE : RefusalReason.EXPIRED);
        }
        for (var endpoint : roster.members().active()) {
            int slot = endpoint.slot();
            if (queue.parked(slot) > 0) {
                if (!roster.members().takes(endpoint)) {
                    unpark(slot, now);
                } else if (now - endpoint.allowance().lookedAt > PATIENCE_NANOS) {
                    endpoint.allowance().lookedAt = now;
                    var first = queue.firstOf(slot, now);
                    if (first != null) {
                        move((Ticket) first, AdmissionQueue.ANY);
                    }
                }
            }
        }
        if (now - recalledAt > RECALL_NANOS) {
            // Others may be up now, or serve other models.
            recalledAt = now;
            unpark(AdmissionQueue.NONE, now);
        }
        changes.addAll(roster.slots());
    }

    private void unpark(int slot, long now) {
        for (var first = queue.firstOf(slot, now); first != null; first = queue.firstOf(slot, now)) {
            move((Ticket) first, AdmissionQueue.ANY);
        }
    }

    // ---- who is refused

    private void drop(Ticket ticket, RefusalReason reason) {
        if (ticket.waiting()) {
            if (queue.holds(ticket)) {
                take(ticket);
            } else {
                letGo(ticket);
                ticket.over();
            }
        }
        pool.tell(ticket.waiter(), refusals.of(reason, ticket.flow()));
    }

    // ---- who looks again

    /** Hears that there may be room at an endpoint. */
    void change(int slot) {
        changes.add(slot);
    }

    boolean hasChanges() {
        return !changes.isEmpty() && queue.size() > 0;
    }
}
