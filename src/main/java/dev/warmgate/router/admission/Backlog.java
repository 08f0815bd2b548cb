package dev.warmgate.router.admission;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waiting requests in order: those that wait for any endpoint, or for a certain one.
 *
 * <p>Of a band those go first that can still reach their target, because what is late already loses nothing by being later;
 * of these, in the order of tenants and flows; of a flow those that have a target, and then the one that is due first.
 *
 * <p>Adding, removing and finding the first are O(log n), and a pool may have a thousand of these: what is empty is not
 * kept. Owned by the pool's lock.
 */
final class Backlog {
    /** Requests of one band by kind. */
    private record Lanes(Band band, Lane turns, Lane fresh, Lane lateTurns, Lane lateFresh) {
        Lanes(Band band) {
            this(band, new Lane(), new Lane(), new Lane(), new Lane());
        }

        Lane of(QueuedRequest request) {
            return request.late ? request.running() ? lateTurns : lateFresh : request.running() ? turns : fresh;
        }

        boolean isEmpty() {
            return turns.isEmpty() && fresh.isEmpty() && lateTurns.isEmpty() && lateFresh.isEmpty();
        }
    }

    /** Those that are not empty, the highest priority first. */
    private final List<Lanes> bands = new ArrayList<>(2);

    private int size;
    /** Returns how many requests wait here. */
    int size() {
        return size;
    }

    void add(QueuedRequest request) {
        var band = request.flow().band();
        int i = place(band);
        if (i == bands.size() || bands.get(i).band != band) {
            bands.add(i, new Lanes(band));
        }
        bands.get(i).of(request).add(request);
        size++;
    }

    /** Removes a request that waits here. */
    void remove(QueuedRequest request) {
        var line = request.line;
        if (line == null) {
            throw new IllegalStateException("request: not here (expected: one that waits here)");
        }
        line.party.lane.remove(request);
        int i = place(request.flow().band());
        if (bands.get(i).isEmpty()) {
            bands.remove(i);
        }
        size--;
    }

    /**
     * Returns the request of a band that goes first, or null if there is none.
     *
     * @param mayGo whether requests of a flow may go at all; the same for all flows of a tenant
     */
    @Nullable
    QueuedRequest first(Band band, boolean openToNew, Predicate<Flow> mayGo, long now) {
        int i = place(band);
        return i == bands.size() || bands.get(i).band != band ? null : first(bands.get(i), openToNew, mayGo, now);
    }

    /** Returns the request that goes first, or null if there is none. */
    @Nullable
    QueuedRequest first(long now) {
        return bands.isEmpty() ? null : first(bands.getFirst(), true, _ -> true, now);
    }

    private static @Nullable QueuedRequest first(Lanes lanes, boolean openToNew, Predicate<Flow> mayGo, long now) {
        while (true) {
            var onTime = QueuedRequest.first(lanes.turns.first(mayGo), openToNew ? lanes.fresh.first(mayGo) : null);
            if (onTime == null || !onTime.missesTarget(now)) {
                return QueuedRequest.first(onTime, firstLate(lanes, openToNew, mayGo));
            }
            lanes.of(onTime).remove(onTime);
            onTime.late = true;
            lanes.of(onTime).add(onTime);
        }
    }

    private static @Nullable QueuedRequest firstLate(Lanes lanes, boolean openToNew, Predicate<Flow> mayGo) {
        return QueuedRequest.first(lanes.lateTurns.first(mayGo), openToNew ? lanes.lateFresh.first(mayGo) : null);
    }

    /** Returns the place of a band, or where it would be; there are few. */
    private int place(Band band) {
        int low = 0;
        int high = bands.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bands.get(middle).band.priority() > band.priority()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
