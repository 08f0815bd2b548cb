package dev.warmgate.router.admission;

import java.util.Comparator;

/**
 * The waiting requests of one flow in one {@link Backlog} that are alike: turns of running sessions, or first turns.
 *
 * <p>Those that can still reach their target come first, the most urgent of them before the others; a request that cannot
 * reach it any more falls behind, because what is late already loses nothing by being later. Without targets: first come,
 * first served.
 */
final class Line {
    private static final Heap.Place<QueuedRequest> PLACE = new Heap.Place<>() {
        @Override
        public int get(QueuedRequest request) {
            return request.inLine;
        }

        @Override
        public void set(QueuedRequest request, int index) {
            request.inLine = index;
        }
    };

    final Flow flow;

    /** The heap of the lane of its backlog that it is in. */
    final Heap<Line> lane;

    /** Place there, and what of the flow's account it stands for. */
    int inLane = -1;

    double key;

    private final Heap<QueuedRequest> onTime = new Heap<>(
            Comparator.comparingLong(QueuedRequest::targetAt).thenComparingLong(request -> request.number), PLACE);
    private final Heap<QueuedRequest> late = new Heap<>(Comparator.comparingLong(request -> request.number), PLACE);

    Line(Flow flow, Heap<Line> lane) {
        this.flow = flow;
        this.lane = lane;
    }

    boolean isEmpty() {
        return onTime.isEmpty() && late.isEmpty();
    }

    void add(QueuedRequest request) {
        request.line = this;
        (request.late ? late : onTime).add(request);
    }

    void remove(QueuedRequest request) {
        (request.late ? late : onTime).remove(request);
        request.line = null;
    }

    /** Returns the request that goes first; there must be one. */
    QueuedRequest first(long now) {
        while (!onTime.isEmpty()) {
            var request = onTime.first();
            if (request.targetAt() - now >= 0) {
                return request;
            }
            onTime.remove(request);
            request.late = true;
            late.add(request);
        }
        return late.first();
    }
}
