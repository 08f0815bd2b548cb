package dev.warmgate.router.admission;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waiting requests in the order of bands, flows, and within a flow: those that wait for any endpoint, or for a certain one.
 *
 * <p>Adding, removing and finding the first are O(log n). Owned by the pool's lock.
 */
public final class Backlog {
    private static final Heap.Place<Line> PLACE = new Heap.Place<>() {
        @Override
        public int get(Line line) {
            return line.inLane;
        }

        @Override
        public void set(Line line, int index) {
            line.inLane = index;
        }
    };

    /** Flows that are asked whether they may go, at a time. */
    private static final int FEW = 31;

    /** Lines of one band: of requests of running sessions, and of new ones. */
    private static final class Lanes {
        final Heap<Line> running = lane();
        final Heap<Line> fresh = lane();

        private static Heap<Line> lane() {
            return new Heap<>(Comparator.comparingDouble(line -> line.key), PLACE);
        }
    }

    /** By the band's number. */
    private final List<@Nullable Lanes> lanes = new ArrayList<>();

    private final Map<Flow, Line> runningLines = new HashMap<>();
    private final Map<Flow, Line> freshLines = new HashMap<>();
    private int size;
    private double seconds;

    /** Returns how many requests wait here. */
    public int size() {
        return size;
    }

    /** Returns the work of those that wait here, in seconds. */
    public double seconds() {
        return size == 0 ? 0 : seconds;
    }

    /** Adds a request. */
    public void add(QueuedRequest request) {
        var flow = request.flow();
        var lanes = lanes(flow.band());
        var lane = request.running() ? lanes.running : lanes.fresh;
        var lines = request.running() ? runningLines : freshLines;
        var line = lines.computeIfAbsent(flow, key -> new Line(key, lane));
        boolean first = line.isEmpty();
        line.add(request);
        if (first) {
            line.key = flow.received;
            lane.add(line);
        }
        size++;
        seconds += request.seconds();
    }

    /** Removes a request that waits here. */
    public void remove(QueuedRequest request) {
        var line = request.line;
        if (line == null) {
            throw new IllegalStateException("request: not here (expected: one that waits here)");
        }
        line.remove(request);
        if (line.isEmpty()) {
            line.lane.remove(line);
            (request.running() ? runningLines : freshLines).remove(line.flow);
        }
        size--;
        seconds -= request.seconds();
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
        var running = first(of.running, mayGo);
        var fresh = openToNew ? first(of.fresh, mayGo) : null;
        if (running == null || fresh == null) {
            return running != null ? running.first(now) : fresh != null ? fresh.first(now) : null;
        }
        if (running.flow != fresh.flow) {
            return (running.key <= fresh.key ? running : fresh).first(now);
        }
        var turn = running.first(now);
        var opening = fresh.first(now);
        return turn.late && !opening.late ? opening : turn;
    }

    /** Brings the flow that received least to the front: what flows received changes while they are here. */
    private static @Nullable Line first(Heap<Line> lane, Predicate<Flow> mayGo) {
        while (!lane.isEmpty()) {
            var line = lane.first();
            if (line.key == line.flow.received) {
                // Seldom has the first flow to make way for the next ones.
                return mayGo.test(line.flow) ? line : lane.first(other -> mayGo.test(other.flow), FEW);
            }
            line.key = line.flow.received;
            lane.moved(line);
        }
        return null;
    }

    private Lanes lanes(Band band) {
        while (lanes.size() <= band.number()) {
            lanes.add(null);
        }
        var of = lanes.get(band.number());
        if (of == null) {
            of = new Lanes();
            lanes.set(band.number(), of);
        }
        return of;
    }
}
