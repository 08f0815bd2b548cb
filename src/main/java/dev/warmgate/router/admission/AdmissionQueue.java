package dev.warmgate.router.admission;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a pool that wait, and who of them goes next. Owned by the pool's lock.
 *
 * <p>Conservation: what was {@link #add}ed was taken with {@link #take} or still waits.
 */
public final class AdmissionQueue {
    /*
     * Bands by priority, strictly, but for what a lower band is sure of: whenever a request goes, each lower band that waits
     * is owed its minimum share of that work, and a band that is owed something goes first.
     *
     * Within a band the tenant goes next that received least work for its weight, and of its flows the one that received
     * least (the virtual token counter of Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024, with seconds
     * of an endpoint for tokens; by tenant first, as class-based queueing does it, so that neither many flows nor ever new
     * ones get more). Work is charged when a request goes, as expected, and corrected when it ends. Who begins to wait
     * starts at least where the one that went last was, so that nobody saves up, nor pays for having used what nobody else
     * wanted. Between equals, first come, first served.
     *
     * Requests wait for any endpoint, or, once they were priced, for a certain one, whose cache makes waiting cheaper than
     * going elsewhere; so one endpoint's backlog holds up nobody who wants another. Those that no endpoint can take now wait
     * aside.
     */

    /** The place of a request that waits for any endpoint. */
    public static final int ANY = -1;

    /** The place of a request that no endpoint can take now: {@link #next} does not return it. */
    public static final int NONE = -2;

    private static final Heap.Place<QueuedRequest> BY_EXPIRY = new Heap.Place<>() {
        @Override
        public int get(QueuedRequest request) {
            return request.byExpiry;
        }

        @Override
        public void set(QueuedRequest request, int index) {
            request.byExpiry = index;
        }
    };

    /** By differences: times may wrap around. */
    private static final Comparator<QueuedRequest> SOONEST = (a, b) -> Long.compare(a.expiresAt() - b.expiresAt(), 0);

    private final FlowTable flows = new FlowTable();
    private final Bands bands;
    private final Limits limits;
    private final Backlog unplaced = new Backlog();
    private final Backlog aside = new Backlog();
    private final List<Backlog> parked = new ArrayList<>();
    private final Heap<QueuedRequest> expiries = new Heap<>(SOONEST, BY_EXPIRY);
    private final WorkBook work = new WorkBook();
    private long numbers;
    private long bytes;

    /** Creates an empty queue before so many endpoints. */
    public AdmissionQueue(AdmissionSettings settings, int endpoints) {
        this.bands = new Bands(settings);
        this.limits = new Limits(this, bands, settings);
        grow(endpoints);
    }

    /** Makes room for more endpoints. */
    public void grow(int endpoints) {
        while (parked.size() < endpoints) {
            parked.add(new Backlog());
        }
    }

    /** Takes other settings; what waits or is owed stays so. */
    public void settings(AdmissionSettings settings) {
        bands.settings(settings);
        limits.settings(settings);
    }

    /** Returns the flow of a request. */
    public Flow flow(Standing standing) {
        return flows.of(standing, bands.band(standing.priority()));
    }

    /** For tests. */
    FlowTable flows() {
        return flows;
    }

    /** Returns the bands seen so far, the highest priority first. */
    public List<Band> bands() {
        return bands.seen();
    }

    /** Returns how many requests wait. */
    public int size() {
        return expiries.size();
    }

    /** Returns what holding them takes. */
    public long bytes() {
        return bytes;
    }

    /** Returns how many requests wait for a certain endpoint. */
    public int parked(int slot) {
        return parked.get(slot).size();
    }

    /**
     * Returns whether a request of a band would overtake none that may go now, if it went to an endpoint at once.
     *
     * @param room at that endpoint
     */
    public boolean clear(Band band, int slot, Gate gate, Room room, long now) {
        for (var other : bands.waiting()) {
            if ((other.priority() >= band.priority() || other.isOwed())
                    && first(other, slot, gate, room, now) != null) {
                return false;
            }
        }
        return true;
    }

    /** Describes what waits, and so many of the flows with most requests waiting. */
    public QueueStats stats(int flowsWanted, Gate gate, long now) {
        var survey = new Survey(flowsWanted, gate, now);
        bands.seen().forEach(survey::add);
        survey.add(unplaced, ANY);
        survey.add(aside, NONE);
        for (int slot = 0; slot < parked.size(); slot++) {
            survey.add(parked.get(slot), slot);
        }
        return survey.done(size(), bytes, work.tenants());
    }

    // ---- who may wait

    /** What {@link #makeRoom} says. */
    public enum Fit {
        /** There is room. */
        FITS,
        /** No more of this flow's may wait, or no more of its band, of whose room it has more than an even share. */
        FLOW_FULL,
        /** No more may wait. */
        FULL
    }

    /**
     * Returns whether one more request may wait, if need be after others are shed: the newest of those flows of its band
     * that have more than an even share of the band's room, if its own has less; and the newest of the lowest band below
     * its own, of the flow with most of them.
     *
     * @param shed takes those, which have left the queue; none if there is no room
     */
    public Fit makeRoom(Flow flow, long more, List<QueuedRequest> shed) {
        return limits.makeRoom(flow, more, shed);
    }

    // ---- waiting

    /** Adds a request, for a certain endpoint or for {@link #ANY}. */
    public void add(QueuedRequest request, int slot) {
        var flow = request.flow();
        var share = flow.share();
        var band = flow.band();
        request.number = numbers++;
        if (flow.waiting == 0) {
            flow.received.begins(share.reached);
            flow.since = request.number;
        }
        if (share.waiting == 0) {
            share.received.begins(band.reached);
            share.since = request.number;
        }
        if (band.waiting == 0) {
            bands.begins(band);
            band.waitingSince = request.arrivedAt();
        }
        band.waiting++;
        band.waitingBytes += request.bytes();
        band.waitingSeconds += request.seconds();
        share.waiting++;
        share.waitingSeconds += request.seconds();
        flow.waitingSeconds += request.seconds();
        bytes += request.bytes();
        becomes(flow, 1, request.bytes(), 0);
        request.older = flow.newest;
        if (flow.newest == null) {
            flow.oldest = request;
        } else {
            flow.newest.newer = request;
        }
        flow.newest = request;
        expiries.add(request);
        place(request, slot);
    }

    /** Lets a request that waits wait for another endpoint, for {@link #ANY} or {@link #NONE}. */
    public void move(QueuedRequest request, int slot) {
        backlog(request.slot).remove(request);
        place(request, slot);
    }

    private void place(QueuedRequest request, int slot) {
        request.slot = slot;
        backlog(slot).add(request);
    }

    private Backlog backlog(int slot) {
        return switch (slot) {
            case ANY -> unplaced;
            case NONE -> aside;
            default -> parked.get(slot);
        };
    }

    /** Returns whether a request waits here. */
    public boolean holds(QueuedRequest request) {
        return expiries.contains(request);
    }

    /** Removes a request that waits, whatever for. */
    public void take(QueuedRequest request) {
        backlog(request.slot).remove(request);
        expiries.remove(request);
        var flow = request.flow();
        var band = flow.band();
        var newer = request.newer;
        var older = request.older;
        if (newer == null) {
            flow.newest = older;
        } else {
            newer.older = older;
        }
        if (older == null) {
            flow.oldest = newer;
        } else {
            older.newer = newer;
        }
        request.newer = null;
        request.older = null;
        becomes(flow, -1, -request.bytes(), 0);
        flow.waitingSeconds = flow.waiting == 0 ? 0 : flow.waitingSeconds - request.seconds();
        var share = flow.share();
        share.waiting--;
        share.waitingSeconds = share.waiting == 0 ? 0 : share.waitingSeconds - request.seconds();
        band.waiting--;
        band.waitingBytes -= request.bytes();
        band.waitingSeconds = band.waiting == 0 ? 0 : band.waitingSeconds - request.seconds();
        bytes -= request.bytes();
        if (band.waiting == 0) {
            bands.ends(band);
        }
    }

    /** Keeps what depends on how many requests a flow has. */
    private void becomes(Flow flow, int moreWaiting, long moreBytes, int moreInFlight) {
        boolean wasBusy = flow.busy();
        boolean waited = flow.waiting > 0;
        flow.waiting += moreWaiting;
        flow.waitingBytes += moreBytes;
        flow.inFlight += moreInFlight;
        if (moreWaiting != 0) {
            keepOrder(flow.band().mostRequests, flow, waited);
            keepOrder(flow.band().mostBytes, flow, waited);
        }
        if (flow.busy() != wasBusy) {
            work.busy(flow, !wasBusy);
            if (wasBusy) {
                flows.ends(flow);
            } else {
                flows.begins(flow);
            }
        }
    }

    private static void keepOrder(Heap<Flow> most, Flow flow, boolean waited) {
        if (flow.waiting == 0) {
            most.remove(flow);
        } else if (waited) {
            most.moved(flow);
        } else {
            most.add(flow);
        }
    }

    /** Returns a request whose time is over, or null if there is none. */
    public @Nullable QueuedRequest expired(long now) {
        return expiries.isEmpty() || expiries.first().expiresAt() - now > 0 ? null : expiries.first();
    }

    // ---- who goes next

    /** Says whether first turns of sessions, and all else that is new, may go. */
    @FunctionalInterface
    public interface Gate {
        /** Returns whether those of a band may. */
        boolean isOpenFor(Band band);
    }

    /** Says for whom an endpoint has room. */
    @FunctionalInterface
    public interface Room {
        /** Returns whether there is room for requests of a flow, and of all others of its tenant. */
        boolean isFor(Flow flow);

        /** Returns false if there is none for requests of a band, whatever the flow; to be quick where nothing can go. */
        default boolean maySuit(Band band) {
            return true;
        }
    }

    /**
     * Returns the request that an endpoint should take next, or null if none that waits may go there.
     *
     * @param gate looked at before what is new in a band
     * @param room looked at before a flow's requests
     */
    public @Nullable QueuedRequest next(int slot, Gate gate, Room room, long now) {
        var waiting = bands.waiting();
        for (int i = waiting.size() - 1; i >= 0; i--) {
            var band = waiting.get(i);
            if (band.isOwed()) {
                var request = first(band, slot, gate, room, now);
                if (request != null) {
                    return request;
                }
            }
        }
        for (var band : waiting) {
            var request = first(band, slot, gate, room, now);
            if (request != null) {
                return request;
            }
        }
        return null;
    }

    /** Returns the request that goes first of those that wait for a certain endpoint, or {@link #ANY} or {@link #NONE}. */
    public @Nullable QueuedRequest firstOf(int slot, long now) {
        return backlog(slot).first(now);
    }

    private @Nullable QueuedRequest first(Band band, int slot, Gate gate, Room room, long now) {
        if (!room.maySuit(band)) {
            return null;
        }
        // What a band is sure of does not depend on anything else.
        boolean openToNew = band.isOwed() || gate.isOpenFor(band);
        return QueuedRequest.first(
                unplaced.first(band, openToNew, room::isFor, now),
                parked.get(slot).first(band, openToNew, room::isFor, now));
    }

    // ---- work

    /**
     * Books that a request of a flow goes to an endpoint. One that waited is {@linkplain #take taken} after that: until then
     * its band waits, and pays from what it is owed.
     */
    public void dispatched(Flow flow, Charge charge, long now) {
        var band = flow.band();
        var share = flow.share();
        share.reached = Math.max(share.reached, flow.received.work());
        band.reached = Math.max(band.reached, share.received.work());
        flow.charge(charge.seconds() - charge.laterSeconds());
        share.sent(charge.seconds(), charge.prefillSeconds(), now);
        bands.dispatched(band, charge.seconds());
        work.sent(flow, charge.seconds());
        band.inFlight++;
        becomes(flow, 0, 0, 1);
    }

    /**
     * Books that a request ended.
     *
     * @param charge what was booked for it
     * @param seconds the work that it was
     * @param outputTokens tokens of the answer, or -1 if unknown
     */
    public void ended(Flow flow, Charge charge, double seconds, int outputTokens) {
        double correction = seconds - charge.seconds();
        flow.charge(correction + charge.laterSeconds());
        work.corrected(flow, correction);
        flow.answered(outputTokens);
        flow.band().inFlight--;
        becomes(flow, 0, 0, -1);
    }
}
