package dev.warmgate.router.admission;

/** The lines of all flows of one tenant in one {@link Lane}. Owned by the pool's lock. */
final class Party {
    private static final Heap.Place<Line> PLACE = new Heap.Place<>() {
        @Override
        public int get(Line line) {
            return line.inParty;
        }

        @Override
        public void set(Line line, int index) {
            line.inParty = index;
        }
    };

    final TenantShare share;
    final Lane lane;

    /** Place in the lane's heap, which is ordered by what tenants had received when last looked at. */
    int inLane = -1;

    private final RankedHeap<Line> lines = new RankedHeap<>(PLACE);

    Party(TenantShare share, Lane lane) {
        this.share = share;
        this.lane = lane;
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    void add(Line line) {
        lines.add(line, line.flow.received.work(), line.flow.since);
    }

    void remove(Line line) {
        lines.remove(line);
    }

    /** Returns the line of the flow that received least; there must be one. */
    Line first() {
        while (true) {
            var line = lines.first();
            double received = line.flow.received.work();
            if (lines.firstRank() >= received) {
                return line;
            }
            lines.raiseFirst(received);
        }
    }
}
