package dev.warmgate.router;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a pool by their numbers, which are given again once an endpoint is gone. Owned by the pool's lock;
 * {@link #members} may be called by any thread.
 */
final class Roster {
    /** The prefix index knows no higher number. */
    private static final int MOST_SLOTS = 65_535;

    /** What makes an endpoint the same one. */
    private record Identity(String name, URI address) {
        static Identity of(EndpointSpec spec) {
            return new Identity(spec.name(), spec.address());
        }
    }

    /**
     * What a new specification changes.
     *
     * @param came endpoints that are new
     * @param returned endpoints that were leaving and belong here again
     * @param leaving endpoints that no longer belong here, and did before
     */
    record Change(List<Endpoint> came, List<Endpoint> returned, List<Endpoint> leaving) {}

    private final LongSupplier nanoTime;

    /** How often it changed who may take what. */
    private final AtomicInteger changes = new AtomicInteger();

    private final List<@Nullable Endpoint> bySlot = new ArrayList<>();
    private volatile Members members;

    Roster(PoolSpec spec, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.members = new Members(spec, List.of(), List.of());
        become(spec);
    }

    /** Returns who belongs here now. Any thread. */
    Members members() {
        return members;
    }

    /**
     * Returns a number that is another one after any endpoint's health, state, models or specification changed. Who looks at
     * those after this, and at this again later, knows whether they still are what was seen. Any thread.
     */
    int changes() {
        return changes.get();
    }

    /** Returns the number that all slots are below. */
    int slots() {
        return bySlot.size();
    }

    /** Returns the endpoint of a slot, or null if it is vacant. */
    @Nullable
    Endpoint find(int slot) {
        return bySlot.get(slot);
    }

    /** Returns the endpoint of a slot; there must be one. */
    Endpoint get(int slot) {
        return requireNonNull(bySlot.get(slot), "slot");
    }

    /**
     * Takes a new specification. An endpoint with the same name and address is the same one, even if it was leaving.
     *
     * @throws IllegalStateException, changing nothing, if too many are still leaving
     */
    Change become(PoolSpec spec) {
        var former = new HashMap<Identity, Endpoint>();
        members.all().forEach(endpoint -> former.put(Identity.of(endpoint.spec()), endpoint));
        long more = spec.endpoints().stream()
                .filter(wanted -> !former.containsKey(Identity.of(wanted)))
                .count();
        if (former.size() + more > MOST_SLOTS) {
            throw new IllegalStateException("endpoints: " + former.size() + " and " + more + " more (expected: at most "
                    + MOST_SLOTS + " with those that leave)");
        }
        var all = new ArrayList<Endpoint>();
        var came = new ArrayList<Endpoint>();
        var returned = new ArrayList<Endpoint>();
        for (var wanted : spec.endpoints()) {
            var endpoint = former.get(Identity.of(wanted));
            if (endpoint == null) {
                endpoint = settle(wanted, spec.health());
                came.add(endpoint);
            } else {
                endpoint.become(wanted, spec.health());
                if (endpoint.state() == Endpoint.State.LEAVING) {
                    returned.add(endpoint);
                }
            }
            endpoint.wanted(true);
            all.add(endpoint);
        }
        var kept = new HashSet<>(all);
        var leaving = new ArrayList<Endpoint>();
        for (var endpoint : members.all()) {
            if (!kept.contains(endpoint)) {
                if (endpoint.state() != Endpoint.State.LEAVING) {
                    leaving.add(endpoint);
                }
                endpoint.wanted(false);
                all.add(endpoint);
            }
        }
        members = Members.of(spec, all);
        return new Change(came, returned, leaving);
    }

    private Endpoint settle(EndpointSpec spec, HealthPolicy health) {
        int slot = bySlot.indexOf(null);
        if (slot < 0) {
            slot = bySlot.size();
            bySlot.add(null);
        }
        var endpoint = new Endpoint(spec, slot, health, nanoTime, changes::incrementAndGet);
        bySlot.set(slot, endpoint);
        return endpoint;
    }

    /** Publishes the members anew, because the state of some changed. */
    void stateChanged() {
        members = Members.of(members.spec(), members.all());
    }

    /** Makes an endpoint's slot vacant. */
    void remove(Endpoint endpoint) {
        bySlot.set(endpoint.slot(), null);
        endpoint.gone();
        members = Members.of(
                members.spec(),
                members.all().stream().filter(other -> other != endpoint).toList());
    }
}
