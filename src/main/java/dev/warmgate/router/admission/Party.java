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

    /** Place in the lane's heap, and what the tenant had received when it was put there. */
    int inLane = -1;

    double key;

    private final long since;

    private final Heap<Line> lines = new Heap<>(Line::compare, PLACE);

    Party(TenantShare share, Lane lane) {
        this.share = share;
        this.lane = lane;
        this.key = share.received.work();
        this.since = share.since;
    }

    /** Compares by what the tenants received, and who received as much by when they began to wait. */
    static int compare(Party a, Party b) {
        int order = Double.compare(a.key, b.key);
        return order != 0 ? order : Long.compare(a.since, b.since);
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    void add(Line line) {
        lines.add(line);
    }

    void remove(Line line) {
        lines.remove(line);
    }

    /** Returns the line of the flow that received least; there must be one. */
    Line first() {
        while (true) {
            var line = lines.first();
            double received = line.flow.received.work();
            if (Double.compare(line.key, received) >= 0) {
                return line;
            }
            line.key = received;
            lines.moved(line);
        }
    }
}
