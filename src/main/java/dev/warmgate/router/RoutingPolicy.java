package dev.warmgate.router;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses an endpoint. Called under the pool's lock: an implementation must be quick, must not block and must not call
 * back into the router.
 */
public interface RoutingPolicy {
    /** What {@link #choose} returns that leaves nobody. */
    int NOBODY = -1;

    /** The name in configuration, metrics and reports, for example {@code round-robin}. */
    String name();

    /** Whether {@link Candidates#match} is wanted; blind policies answer false and save the lookup. */
    default boolean readsPrefixIndex() {
        return false;
    }

    /**
     * Whether {@link #choose} looks at {@link Candidates#share}, so that endpoints that came or came back get less at first.
     * For other policies such endpoints are left out by chance.
     */
    default boolean pricesSlowStart() {
        return false;
    }

    /**
     * Whether it wants to choose again for a request that waited: as its prompt, or the load, was when it came may not be
     * how it is when it goes. The others chose for good.
     */
    default boolean choosesAgain() {
        return readsPrefixIndex();
    }

    /**
     * Whether it wants to choose for requests too that are not understood, and that have no prompt and no model. For other
     * policies those go by load.
     */
    default boolean placesUnread() {
        return false;
    }

    /**
     * Whether it looks at endpoints' roles itself; for other policies those that cannot answer a whole request are no
     * candidates.
     */
    default boolean looksAtRoles() {
        return false;
    }

    /**
     * Returns the names, in lower case, of what else it looks at of a request: whoever makes a request fills
     * {@link InferenceRequest#hints} with those of its header fields.
     */
    default Set<String> hints() {
        return Set.of();
    }

    /**
     * Chooses among at least one candidate.
     *
     * @return an index between 0 and {@link Candidates#size} − 1; or {@link #NOBODY}, having said why by
     *     {@link Candidates#refuse}, if none of them is to have it: the request is then refused
     */
    int choose(Candidates candidates);

    /**
     * Returns who else may have a request, the best first and not the chosen one, or null where any candidate may. Right
     * after {@link #choose}, under the same hold of the lock.
     *
     * @param most how many at most
     */
    default @Nullable List<Endpoint> alternatives(Candidates candidates, int most) {
        return null;
    }

    /**
     * Hears that its choice is booked: right after {@link #choose}, under the same hold of the lock. Requests that wait are
     * chosen for several times and booked once.
     */
    default void booked(Candidates candidates, Reservation reservation) {}

    /** Hears that a request ended which it {@link #booked}. Under the pool's lock. */
    default void ended(Reservation reservation) {}

    /**
     * Returns what the client is told, by header fields, so that its next request can say it. Any thread; depends on nothing
     * but its arguments.
     */
    default Map<String, String> tells(InferenceRequest request, Endpoint endpoint) {
        return Map.of();
    }

    /** Returns whether it would do the same as another policy from now on, so that the other can stay with what it knows. */
    default boolean sameAs(RoutingPolicy other) {
        return name().equals(other.name());
    }

    /** Forgets what it knows about a slot, because its endpoint is gone. Called under the pool's lock, as is {@link #choose}. */
    default void forget(int slot) {}

    /**
     * Returns what {@link #choose} compared for candidate {@code i}, or null for a policy that compares no costs. Called
     * for an {@link Explanation} only: right after the choice, before it is booked, under the same hold of the lock, so
     * that what the choice left behind may be used; must not change the policy's state or draw random numbers.
     */
    default Explanation.@Nullable Price price(Candidates candidates, int i) {
        return null;
    }

    /** The same for a policy that compares scores, or null for one that compares none. */
    default Explanation.@Nullable Score score(Candidates candidates, int i) {
        return null;
    }
}
