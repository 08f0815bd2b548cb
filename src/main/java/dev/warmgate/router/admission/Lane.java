package dev.warmgate.router.admission;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Of one band in one {@link Backlog}, requests of a kind: turns of running sessions or new ones, late or not; by tenant, then
 * by flow, who received least first. Owned by the pool's lock.
 *
 * <p>What tenants and flows received only rises while they wait, and is looked at when they come to the front.
 */
final class Lane {
    private static final Heap.Place<Party> PLACE = new Heap.Place<>() {
        @Override
        public int get(Party party) {
            return party.inLane;
        }

        @Override
        public void set(Party party, int index) {
            party.inLane = index;
        }
    };

    private final RankedHeap<Party> order = new RankedHeap<>(PLACE);
    private final Map<TenantShare, Party> parties = new HashMap<>(4);
    private final Map<Flow, Line> lines = new HashMap<>(4);

    boolean isEmpty() {
        return lines.isEmpty();
    }

    void add(QueuedRequest request) {
        var flow = request.flow();
        var line = lines.get(flow);
        if (line != null) {
            line.add(request);
            return;
        }
        var party = parties.get(flow.share());
        boolean first = party == null;
        if (party == null) {
            party = new Party(flow.share(), this);
            parties.put(flow.share(), party);
        }
        line = new Line(flow, party);
        lines.put(flow, line);
        line.add(request);
        party.add(line);
        if (first) {
            order.add(party, party.share.received.work(), party.share.since);
        }
    }

    /** Removes a request that waits here. */
    void remove(QueuedRequest request) {
        var line = request.line;
        if (line == null) {
            throw new IllegalStateException("request: not here (expected: one that waits here)");
        }
        line.remove(request);
        if (line.isEmpty()) {
            lines.remove(line.flow);
            var party = line.party;
            party.remove(line);
            if (party.isEmpty()) {
                parties.remove(party.share);
                order.remove(party);
            }
        }
    }

    /**
     * Returns the request that goes first, or null if none may go.
     *
     * @param mayGo whether requests of a flow may go at all; the same for all flows of a tenant
     */
    @Nullable
    QueuedRequest first(Predicate<Flow> mayGo) {
        while (!order.isEmpty()) {
            var party = order.first();
            double received = party.share.received.work();
            if (order.firstRank() >= received) {
                return mayGo.test(party.first().flow) ? party.first().first() : firstOfOthers(mayGo);
            }
            order.raiseFirst(received);
        }
        return null;
    }

    /** Looks at all: seldom has the first tenant to make way for others. */
    private @Nullable QueuedRequest firstOfOthers(Predicate<Flow> mayGo) {
        QueuedRequest best = null;
        for (var party : parties.values()) {
            var line = party.first();
            if (mayGo.test(line.flow)) {
                best = QueuedRequest.first(best, line.first());
            }
        }
        return best;
    }
}
