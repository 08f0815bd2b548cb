package dev.warmgate.router.admission;

import dev.warmgate.router.admission.Lane.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waiting requests in order: those that wait for any endpoint, or for a certain one.
 *
 * <p>Of a band those go first that can still reach their target, because what is late already loses nothing by being later;
 * of these, in the order of flows, turns of running sessions and new ones; of a flow the most urgent one, and without
 * targets the one that came first.
 *
 * <p>Adding, removing and finding the first are O(log n). Owned by the pool's lock.
 */
final class Backlog {
    /** By the band's number, and then by kind. */
    private final List<Lane @Nullable []> lanes = new ArrayList<>();

    private int size;

    /** Returns how many requests wait here. */
    int size() {
        return size;
    }

    void add(QueuedRequest request) {
        lane(request).add(request);
        size++;
    }

    /** Removes a request that waits here. */
    void remove(QueuedRequest request) {
        var line = request.line;
        if (line == null) {
            throw new IllegalStateException("request: not here (expected: one that waits here)");
        }
        line.lane.remove(request, line);
        size--;
    }

    private Lane lane(QueuedRequest request) {
        var of = lanes(request.flow().band());
        int kind = (request.late ? Kind.LATE_TURNS : Kind.TURNS).ordinal() + (request.running() ? 0 : 1);
        return of[kind];
    }

    /**
     * Returns the request of a band that goes first, or null if there is none.
     *
     * @param mayGo whether requests of a flow may go at all
     */
    @Nullable
    QueuedRequest first(Band band, boolean openToNew, Predicate<Flow> mayGo, long now) {
        var of = band.number() < lanes.size() ? lanes.get(band.number()) : null;
        if (of == null) {
            return null;
        }
        var onTime = first(of, Kind.TURNS, openToNew ? Kind.NEW : null, mayGo);
        while (onTime != null && onTime.targetAt() - now < 0) {
            remove(onTime);
            onTime.late = true;
            add(onTime);
            onTime = first(of, Kind.TURNS, openToNew ? Kind.NEW : null, mayGo);
        }
        return onTime != null ? onTime : first(of, Kind.LATE_TURNS, openToNew ? Kind.LATE_NEW : null, mayGo);
    }

    private static @Nullable QueuedRequest first(
            Lane[] of, Kind turns, @Nullable Kind openings, Predicate<Flow> mayGo) {
        var turn = of[turns.ordinal()].first(mayGo);
        var opening = openings == null ? null : of[openings.ordinal()].first(mayGo);
        if (turn == null || opening == null) {
            return turn != null ? turn.first() : opening != null ? opening.first() : null;
        }
        // Of one flow, turns go first.
        return (turn.key <= opening.key ? turn : opening).first();
    }

    private Lane[] lanes(Band band) {
        while (lanes.size() <= band.number()) {
            lanes.add(null);
        }
        var of = lanes.get(band.number());
        if (of == null) {
            of = new Lane[Kind.values().length];
            for (var kind : Kind.values()) {
                of[kind.ordinal()] = new Lane(kind);
            }
            lanes.set(band.number(), of);
        }
        return of;
    }
}
