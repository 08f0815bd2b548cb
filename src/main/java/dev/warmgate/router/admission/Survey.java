package dev.warmgate.router.admission;

import dev.warmgate.router.admission.AdmissionQueue.Gate;
import dev.warmgate.router.admission.QueueStats.OfBand;
import dev.warmgate.router.admission.QueueStats.OfFlow;
import dev.warmgate.router.admission.QueueStats.OfPlace;
import dev.warmgate.router.admission.QueueStats.OfTenant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Describes a queue. Under the pool's lock, so all it looks at is bounded: bands, tenants, endpoints, and a few flows.
 */
final class Survey {
    /** Flows of a band that are looked at for its longest wait. */
    private static final int LOOKED_AT = 1_000;

    private final int flowsWanted;
    private final Gate gate;
    private final long now;
    private final List<OfBand> bands = new ArrayList<>();
    private final List<OfPlace> places = new ArrayList<>();
    private final List<OfFlow> flows = new ArrayList<>();
    private int flowsWaiting;

    Survey(int flowsWanted, Gate gate, long now) {
        this.flowsWanted = flowsWanted;
        this.gate = gate;
        this.now = now;
    }

    void add(Band band) {
        if (!band.active()) {
            return;
        }
        double oldest = -1;
        if (flowsWanted > 0) {
            oldest = 0;
            for (int i = 0; i < Math.min(LOOKED_AT, band.flowsWaiting()); i++) {
                oldest = Math.max(oldest, oldestWait(band.mostRequests.get(i)));
            }
            band.mostRequests.first(flowsWanted).forEach(this::add);
        }
        flowsWaiting += band.flowsWaiting();
        bands.add(new OfBand(
                band.priority(),
                band.waiting,
                band.waitingBytes,
                band.waitingSeconds,
                band.inFlight,
                band.settings().minShare(),
                Math.max(0, band.owed),
                gate.isOpenFor(band),
                oldest));
    }

    private void add(Flow flow) {
        flows.add(new OfFlow(
                flow.band().priority(),
                flow.name(),
                flow.tenant(),
                flow.waiting,
                flow.waitingBytes,
                flow.waitingSeconds,
                flow.inFlight,
                oldestWait(flow),
                flow.oldest == null ? AdmissionQueue.ANY : flow.oldest.slot));
    }

    private double oldestWait(Flow flow) {
        return flow.oldest == null ? 0 : Math.max(0, now - flow.oldest.arrivedAt()) / 1e9;
    }

    void add(Backlog backlog, int slot) {
        if (backlog.size() > 0) {
            places.add(new OfPlace(slot, backlog.size()));
        }
    }

    QueueStats done(long waiting, long bytes, List<OfTenant> tenants) {
        flows.sort(Comparator.comparingInt(OfFlow::waiting).reversed());
        return new QueueStats(
                waiting,
                bytes,
                bands,
                tenants,
                places,
                flowsWaiting,
                flows.subList(0, Math.min(flowsWanted, flows.size())));
    }
}
