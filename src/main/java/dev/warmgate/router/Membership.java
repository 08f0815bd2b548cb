package dev.warmgate.router;

import dev.warmgate.router.Endpoint.State;
import dev.warmgate.router.admission.AdmissionSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Lets endpoints come to a pool, drain, and leave it. Owned by the pool's lock.
 *
 * <p>Who drains gets nothing new: those that waited for it are placed again at once, those in flight finish. Who leaves
 * drains, and is gone with its last request; then what is known about it is forgotten and its slot is vacant.
 */
final class Membership {
    private final Roster roster;
    private final Desk desk;
    private final Admission admission;
    private final LongSupplier nanoTime;

    /** Runs what others shall hear once the lock is free. */
    private final Consumer<Runnable> later;

    private final Runnable changed;

    /** Who waits for endpoints to be empty. */
    private final Map<Endpoint, CompletableFuture<Boolean>> awaited = new HashMap<>();

    private boolean retiring;

    /**
     * Creates the membership of a pool whose first endpoints are there.
     *
     * @param changed to be run after every change, through {@code later}
     */
    Membership(
            Roster roster,
            Desk desk,
            Admission admission,
            LongSupplier nanoTime,
            Consumer<Runnable> later,
            Runnable changed) {
        this.roster = roster;
        this.desk = desk;
        this.admission = admission;
        this.nanoTime = nanoTime;
        this.later = later;
        this.changed = changed;
    }

    /** Takes a new specification, rules of admission and policy. */
    void become(PoolSpec spec, AdmissionSettings settings, RoutingPolicy policy) {
        if (retiring) {
            throw new IllegalStateException("pool: " + spec.name() + " was removed (expected: a new one)");
        }
        var former = roster.members().spec();
        var change = roster.become(spec);
        change.came().forEach(desk::came);
        if (former.kvCapacityTokens() != spec.kvCapacityTokens()) {
            roster.members().all().forEach(desk::assumeCapacity);
        }
        desk.policy(policy);
        admission.become(settings);
        for (var endpoint : change.returned()) {
            if (endpoint.state() == State.ACTIVE) {
                tell(endpoint, false);
            }
        }
        leave(change.leaving());
    }

    /** Hears that some take no new requests any more: finds other places for those that wait for them. */
    private void leave(List<Endpoint> leaving) {
        long now = nanoTime.getAsLong();
        leaving.forEach(endpoint -> admission.leaves(endpoint, now));
        admission.placesChanged(now);
        for (var endpoint : leaving) {
            ended(endpoint);
        }
        later.accept(changed);
    }

    /**
     * Drains an endpoint until it is taken back.
     *
     * @return completed when it is empty (true) or was taken back before (false); after the lock is free
     */
    CompletableFuture<Boolean> drain(Endpoint endpoint) {
        if (endpoint.state() == State.GONE) {
            return CompletableFuture.completedFuture(true);
        }
        requireMember(endpoint);
        var empty = awaited.computeIfAbsent(endpoint, _ -> new CompletableFuture<>());
        if (!endpoint.draining()) {
            endpoint.draining(true);
            roster.stateChanged();
            leave(List.of(endpoint));
        } else {
            ended(endpoint);
        }
        return empty;
    }

    /** Takes an endpoint back that was drained, and returns whether it takes requests now. */
    boolean undrain(Endpoint endpoint) {
        if (endpoint.state() == State.GONE) {
            return false;
        }
        requireMember(endpoint);
        if (endpoint.draining()) {
            endpoint.draining(false);
            if (endpoint.state() == State.ACTIVE) {
                endpoint.begins();
                tell(endpoint, false);
            }
            roster.stateChanged();
            admission.placesChanged(nanoTime.getAsLong());
            later.accept(changed);
        }
        return endpoint.state() == State.ACTIVE;
    }

    private void requireMember(Endpoint endpoint) {
        if (endpoint.slot() >= roster.slots() || roster.find(endpoint.slot()) != endpoint) {
            throw new IllegalArgumentException("endpoint: " + endpoint.name() + " (expected: one of pool "
                    + roster.members().spec().name() + ")");
        }
    }

    /** Lets all endpoints leave, once nobody waits any more. */
    void retire() {
        retiring = true;
        look();
    }

    /** Lets the endpoints of a pool leave that retires and where nobody waits any more. */
    void look() {
        if (retiring && admission.queue().size() == 0) {
            var leaving = roster.members().all().stream()
                    .filter(endpoint -> endpoint.state() != State.LEAVING)
                    .toList();
            if (!leaving.isEmpty()) {
                leaving.forEach(endpoint -> endpoint.wanted(false));
                roster.stateChanged();
                leave(leaving);
            }
        }
    }

    /** Hears that a request ended at an endpoint. */
    void ended(Endpoint endpoint) {
        if (endpoint.inFlight() > 0) {
            return;
        }
        switch (endpoint.state()) {
            case ACTIVE, GONE -> {}
            case DRAINING -> tell(endpoint, true);
            case LEAVING -> {
                roster.remove(endpoint);
                desk.gone(endpoint);
                tell(endpoint, true);
                later.accept(changed);
            }
        }
    }

    private void tell(Endpoint endpoint, boolean empty) {
        var future = awaited.remove(endpoint);
        if (future != null) {
            later.accept(() -> future.complete(empty));
        }
    }
}
