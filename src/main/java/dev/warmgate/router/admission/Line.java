package dev.warmgate.router.admission;

/** The waiting requests of one flow in one lane of a {@link Backlog}. */
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
    final Lane lane;

    /** Place in the lane, and what of the flow's account it stands for. */
    int inLane = -1;

    double key;

    private final Heap<QueuedRequest> requests;

    Line(Flow flow, Lane lane) {
        this.flow = flow;
        this.lane = lane;
        this.requests = new Heap<>(lane.kind().late() ? Line::byArrival : Line::byTarget, PLACE);
    }

    private static int byArrival(QueuedRequest a, QueuedRequest b) {
        return Long.compare(a.number, b.number);
    }

    private static int byTarget(QueuedRequest a, QueuedRequest b) {
        int byTarget = Long.compare(a.targetAt(), b.targetAt());
        return byTarget != 0 ? byTarget : byArrival(a, b);
    }

    boolean isEmpty() {
        return requests.isEmpty();
    }

    void add(QueuedRequest request) {
        request.line = this;
        requests.add(request);
    }

    void remove(QueuedRequest request) {
        requests.remove(request);
        request.line = null;
    }

    /** Returns the request that goes first; there must be one. */
    QueuedRequest first() {
        return requests.first();
    }
}
