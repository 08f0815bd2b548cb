package dev.warmgate.router.admission;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The flows known now. Clients may invent as many as they like: when there are too many, those that have been idle longest
 * are forgotten; when too many are busy, further ones of a tenant share a few. Owned by the pool's lock.
 */
final class FlowTable {
    /** Compared in words of its own: the first comparison of a record makes methods for it, during the first request. */
    private record Key(int priority, String flow) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && priority == key.priority && flow.equals(key.flow);
        }

        @Override
        public int hashCode() {
            return 31 * flow.hashCode() + priority;
        }
    }

    /** Flows kept apart. */
    static final int MOST_FLOWS = 10_000;

    /** Flows that all further ones of a tenant are spread over. */
    static final int SHARED_FLOWS = 64;

    private final Map<Key, Flow> flows = new HashMap<>();

    /** Those with nothing waiting or in flight, the one that has been so longest first. */
    private final LinkedHashSet<Flow> idle = new LinkedHashSet<>();

    int size() {
        return flows.size();
    }

    /** Returns the flow of a standing in its band. */
    Flow of(Standing standing, Band band) {
        var flow = flows.get(new Key(band.priority(), standing.flow()));
        if (flow == null) {
            flow = create(standing, band);
        }
        flow.share().weight(standing.weight());
        return flow;
    }

    private Flow create(Standing standing, Band band) {
        String name = standing.flow();
        if (flows.size() >= MOST_FLOWS && !forgetOne()) {
            name = standing.tenant() + "/shared-" + Math.floorMod(name.hashCode(), SHARED_FLOWS);
            var shared = flows.get(new Key(band.priority(), name));
            if (shared != null) {
                return shared;
            }
        }
        var share = band.share(standing.tenant());
        share.flows++;
        var flow = new Flow(name, band, share);
        flows.put(new Key(band.priority(), name), flow);
        idle.add(flow);
        return flow;
    }

    /** Hears that a flow has requests waiting or in flight, having had none. */
    void begins(Flow flow) {
        idle.remove(flow);
        flow.share().begins();
    }

    /** Hears that a flow has nothing waiting or in flight any more. */
    void ends(Flow flow) {
        idle.add(flow);
        flow.share().ends();
    }

    private boolean forgetOne() {
        Iterator<Flow> longest = idle.iterator();
        if (!longest.hasNext()) {
            return false;
        }
        var flow = longest.next();
        longest.remove();
        flows.remove(new Key(flow.band().priority(), flow.name()));
        var share = flow.share();
        if (--share.flows == 0) {
            flow.band().forget(share);
        }
        return true;
    }
}
