package dev.warmgate.router.admission;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The flows known now. Clients may invent as many as they like: idle ones are forgotten, and when too many are busy, further
 * ones share a few. Owned by the pool's lock.
 */
final class FlowTable {
    private record Key(int priority, String flow) {}

    /** Flows kept apart. */
    static final int MOST_FLOWS = 10_000;

    /** Flows that all further ones are spread over. */
    private static final int SHARED_FLOWS = 64;

    /** Oldest flows looked at when a new one comes. */
    private static final int LOOKED_AT = 8;

    private final Map<Key, Flow> flows = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<String, TenantShare> tenants = new HashMap<>();

    int size() {
        return flows.size();
    }

    /** Returns the flow of a standing in its band. */
    Flow of(Standing standing, Band band) {
        var flow = flows.get(new Key(band.priority(), standing.flow()));
        if (flow != null) {
            flow.share().weight(standing.weight());
            return flow;
        }
        forgetIdle();
        String name = standing.flow();
        if (flows.size() >= MOST_FLOWS) {
            name = "shared-" + Math.floorMod(name.hashCode(), SHARED_FLOWS);
        }
        var share = tenants.computeIfAbsent(standing.tenant(), _ -> new TenantShare(standing.weight()));
        share.weight(standing.weight());
        String kept = name;
        return flows.computeIfAbsent(
                new Key(band.priority(), name), _ -> new Flow(kept, standing.tenant(), band, share));
    }

    private void forgetIdle() {
        int looked = 0;
        for (Iterator<Flow> oldest = flows.values().iterator(); looked < LOOKED_AT && oldest.hasNext(); looked++) {
            var flow = oldest.next();
            // One that received more than its band's others has still to wait for them.
            if (!flow.busy() && flow.received <= flow.band().reached) {
                oldest.remove();
            }
        }
        if (tenants.size() > MOST_FLOWS) {
            tenants.values().removeIf(TenantShare::idle);
        }
    }
}
