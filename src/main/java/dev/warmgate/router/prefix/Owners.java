package dev.warmgate.router.prefix;

/**
 * Who owns which run: one record for each pair of a run and an endpoint that holds it or held it not long ago. Confined to
 * the pool's lock.
 *
 * <p>Records alone: chains belong to {@link RunTree}, order to {@link CacheShadow}.
 */
final class Owners {
    /*
     * 28 bytes: the next owner of the same run, the run, endpoint and state, two links of the endpoint's list or a count of
     * pins, the low half of a stamp, and the garbage that lies just before in the list.
     */

    static final int NONE = Records.NONE;

    private static final int NEXT = Records.LINK;
    private static final int RUN = 1;
    private static final int SLOT = 2;
    private static final int OLDER = 3;
    private static final int NEWER = 4;
    private static final int STAMP = 5;
    private static final int GARBAGE = 6;
    private static final int INTS = 7;

    /** What is pinned is in no list, so the count takes a link's place. */
    private static final int PINS = OLDER;

    // States, above the 16 bits of the slot; 0 is a free record.
    private static final int SLOT_BITS = 16;
    private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;
    private static final int PINNED = 1 << SLOT_BITS;
    private static final int IDLE = 2 << SLOT_BITS;
    private static final int GHOST = 3 << SLOT_BITS;

    private final Records records;

    Owners(long maxBytes) {
        records = new Records(INTS, maxBytes, Integer.MAX_VALUE);
    }

    long bytes() {
        return records.bytes();
    }

    int limit() {
        return records.limit();
    }

    int live() {
        return records.live();
    }

    /** Returns the number that all records are below. */
    int used() {
        return records.used();
    }

    /** Returns whether so many more fit. */
    boolean room(int count) {
        return records.limit() - records.live() >= count;
    }

    /** Returns a new record, pinned no times, or {@link #NONE} if there is no room. */
    int allocate(int run, int slot, int next) {
        int o = records.allocate();
        if (o != NONE) {
            records.set(o, NEXT, next);
            records.set(o, RUN, run);
            records.set(o, SLOT, PINNED | slot);
            records.set(o, PINS, 0);
            records.set(o, GARBAGE, 0);
        }
        return o;
    }

    void free(int o) {
        records.set(o, SLOT, 0);
        records.free(o);
    }

    int next(int o) {
        return records.get(o, NEXT);
    }

    void next(int o, int next) {
        records.set(o, NEXT, next);
    }

    int run(int o) {
        return records.get(o, RUN);
    }

    int slot(int o) {
        return records.get(o, SLOT) & SLOT_MASK;
    }

    // ---- state: in use by requests in flight, held though idle, or evicted

    boolean pinned(int o) {
        return state(o) == PINNED;
    }

    boolean idle(int o) {
        return state(o) == IDLE;
    }

    boolean ghost(int o) {
        return state(o) == GHOST;
    }

    /** Returns how many requests in flight use what is pinned. */
    int pins(int o) {
        return records.get(o, PINS);
    }

    void pin(int o, int pins) {
        state(o, PINNED);
        records.set(o, PINS, pins);
    }

    void toIdle(int o) {
        state(o, IDLE);
    }

    void toGhost(int o) {
        state(o, GHOST);
    }

    /** Makes one record's state and stamp those of another; links and pins are copied too. */
    void copy(int from, int to) {
        state(to, state(from));
        records.set(to, PINS, records.get(from, PINS));
        records.set(to, STAMP, records.get(from, STAMP));
    }

    // ---- place in the list of an endpoint

    int older(int o) {
        return records.get(o, OLDER);
    }

    void older(int o, int older) {
        records.set(o, OLDER, older);
    }

    int newer(int o) {
        return records.get(o, NEWER);
    }

    void newer(int o, int newer) {
        records.set(o, NEWER, newer);
    }

    /** Returns the low half of the stamp. */
    int stamp(int o) {
        return records.get(o, STAMP);
    }

    void stamp(int o, int stamp) {
        records.set(o, STAMP, stamp);
    }

    /** Returns tokens without a name between this one and the next older. */
    int garbage(int o) {
        return records.get(o, GARBAGE);
    }

    void garbage(int o, int tokens) {
        records.set(o, GARBAGE, tokens);
    }

    private int state(int o) {
        return records.get(o, SLOT) & ~SLOT_MASK;
    }

    private void state(int o, int state) {
        records.set(o, SLOT, state | slot(o));
    }
}
