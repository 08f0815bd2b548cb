package dev.warmgate.router.admission;

/** The waiting requests of one flow in one {@link Lane}. Owned by the pool's lock. */
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
    final Party party;

    /** Place in the party's heap, which is ordered by what flows had received when last looked at. */
    int inParty = -1;

    private final Heap<QueuedRequest> requests = new Heap<>(QueuedRequest::compareWithinFlow, PLACE);

    Line(Flow flow, Party party) {
        this.flow = flow;
        this.party = party;
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
