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
     * Bands by priority, strictly, but for what a lower band is sure of: whenever another band's request goes, each lower
     * band that waits is owed its minimum share of that work, and a band that is owed something goes first.
     *
     * Within a band the flow goes next that received least work for its weight (the virtual token counter of Sheng et al.,
     * "Fairness in Serving Large Language Models", OSDI 2024, with seconds of an endpoint for tokens). Work is charged when
     * a request goes, as expected, and corrected when it ends. A flow that begins to wait starts at least where the one
     * that went last was, so that nobody saves up, nor pays for having used what nobody else wanted.
     *
     * Requests wait for any endpoint, or, once they were priced, for a certain one, whose cache makes waiting cheaper than
     * going elsewhere; so one endpoint's backlog holds up nobody who wants another.
     */
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

    private final AdmissionSettings settings;
    private final FlowTable flows = new FlowTable();

    /** By priority, the highest first. */
    private final List<Band> bands = new ArrayList<>();

    private final Backlog unplaced = new Backlog();
    private final List<Backlog> parked = new ArrayList<>();
    private final Heap<QueuedRequest> expiries =
            new Heap<>(Comparator.comparingLong(QueuedRequest::expiresAt), BY_EXPIRY);

    private long numbers;
    private long bytes;

    /** Creates an empty queue before so many endpoints. */
    public AdmissionQueue(AdmissionSettings settings, int endpoints) {
        this.settings = settings;
        for (int i = 0; i < endpoints; i++) {
            parked.add(new Backlog());
        }
    }

    /** Returns the flow of a request. */
    public Flow flow(Standing standing) {
        return flows.of(standing, band(standing.priority()));
    }

    private Band band(int priority) {
        int i = 0;
        while (i < bands.size() && bands.get(i).priority() > priority) {
            i++;
        }
        if (i == bands.size() || bands.get(i).priority() != priority) {
            bands.add(i, new Band(bands.size(), settings.band(priority)));
        }
        return bands.get(i);
    }

    /** Returns the bands seen so far, the highest priority first. */
    public List<Band> bands() {
        return bands;
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
        for (var other : bands) {
            boolean owed = other.owed > 0;
            if (other.waiting > 0
                    && (other.priority() >= band.priority() || owed)
                    && first(other, slot, owed || gate.isOpenFor(other), room, now) != null) {
                return false;
            }
        }
        return true;
    }

    // ---- who may wait

    /** What {@link #makeRoom} says. */
    public enum Fit {
        /** There is room. */
        FITS,
        /** No more of this flow's may wait, or it has most of those of its band. */
        FLOW_FULL,
        /** No more may wait. */
        FULL
    }

    /**
     * Returns whether one more request may wait, if need be after others are shed: of the lowest priority below its own, or
     * of its band's flow with most of them, the newest first.
     *
     * @param shed takes those, which have left the queue
     */
    public Fit makeRoom(Flow flow, long more, List<QueuedRequest> shed) {
        if (flow.waiting >= settings.maxRequestsPerFlow()) {
            return Fit.FLOW_FULL;
        }
        var band = flow.band();
        while (band.waiting >= band.settings().maxRequests()
                || band.waitingBytes + more > band.settings().maxBytes()) {
            var fit = displace(band, flow, shed);
            if (fit != Fit.FITS) {
                return fit;
            }
        }
        while (size() >= settings.maxRequests() || bytes + more > settings.maxBytes()) {
            var fit = displace(lowest(band), flow, shed);
            if (fit != Fit.FITS) {
                return fit;
            }
        }
        return Fit.FITS;
    }

    /** Returns the lowest band with requests waiting that is not above another. */
    private Band lowest(Band band) {
        for (int i = bands.size() - 1; i >= 0 && bands.get(i) != band; i--) {
            if (bands.get(i).waiting > 0) {
                return bands.get(i);
            }
        }
        return band;
    }

    private Fit displace(Band band, Flow by, List<QueuedRequest> shed) {
        if (band.biggest.isEmpty()) {
            return Fit.FULL;
        }
        var biggest = band.biggest.first();
        if (band == by.band() && biggest.waiting <= by.waiting + 1) {
            return by.waiting > 0 && biggest == by && band.biggest.size() > 1 ? Fit.FLOW_FULL : Fit.FULL;
        }
        var victim = biggest.newest;
        if (victim == null) {
            throw new IllegalStateException("newest: none (expected: one of " + biggest.waiting + ")");
        }
        take(victim);
        shed.add(victim);
        return Fit.FITS;
    }

    // ---- waiting

    /** Adds a request, for any endpoint ({@code slot} -1) or a certain one. */
    public void add(QueuedRequest request, int slot) {
        var flow = request.flow();
        var band = flow.band();
        if (flow.waiting == 0) {
            flow.received = Math.max(flow.received, band.reached);
        }
        becomes(flow, flow.waiting + 1, flow.inFlight);
        band.waiting++;
        band.waitingBytes += request.bytes();
        band.waitingSeconds += request.seconds();
        flow.waitingSeconds += request.seconds();
        flow.waitingBytes += request.bytes();
        bytes += request.bytes();
        request.number = numbers++;
        request.older = flow.newest;
        if (flow.newest != null) {
            flow.newest.newer = request;
        }
        flow.newest = request;
        expiries.add(request);
        place(request, slot);
    }

    /** Lets a request that waits wait for another endpoint, or for any. */
    public void move(QueuedRequest request, int slot) {
        backlog(request).remove(request);
        place(request, slot);
    }

    private void place(QueuedRequest request, int slot) {
        request.slot = slot;
        (slot < 0 ? unplaced : parked.get(slot)).add(request);
    }

    private Backlog backlog(QueuedRequest request) {
        return request.slot < 0 ? unplaced : parked.get(request.slot);
    }

    /** Returns whether a request waits here. */
    public boolean holds(QueuedRequest request) {
        return expiries.contains(request);
    }

    /** Removes a request that waits, whatever for. */
    public void take(QueuedRequest request) {
        backlog(request).remove(request);
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
        if (older != null) {
            older.newer = newer;
        }
        request.newer = null;
        request.older = null;
        becomes(flow, flow.waiting - 1, flow.inFlight);
        band.waiting--;
        band.waitingBytes -= request.bytes();
        band.waitingSeconds = band.waiting == 0 ? 0 : band.waitingSeconds - request.seconds();
        flow.waitingBytes -= request.bytes();
        flow.waitingSeconds = flow.waiting == 0 ? 0 : flow.waitingSeconds - request.seconds();
        bytes -= request.bytes();
        if (band.waiting == 0) {
            band.owed = 0;
        }
    }

    /** Keeps what depends on how many requests a flow has. */
    private static void becomes(Flow flow, int waiting, int inFlight) {
        boolean wasBusy = flow.busy();
        boolean waited = flow.waiting > 0;
        flow.waiting = waiting;
        flow.inFlight = inFlight;
        var biggest = flow.band().biggest;
        if (waiting > 0) {
            if (waited) {
                biggest.moved(flow);
            } else {
                biggest.add(flow);
            }
        } else if (waited) {
            biggest.remove(flow);
        }
        if (flow.busy() != wasBusy) {
            if (wasBusy) {
                flow.share().ends(flow.band());
                flow.band().busyFlows--;
            } else {
                flow.share().begins(flow.band());
                flow.band().busyFlows++;
            }
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

    /** Says whether an endpoint has room for requests of a flow. */
    @FunctionalInterface
    public interface Room {
        /** Returns whether there is room. */
        boolean isFor(Flow flow);
    }

    /**
     * Returns the request that an endpoint should take next, or null if none that waits may go there.
     *
     * @param gate looked at before what is new in a band
     * @param room looked at before a flow's requests
     */
    public @Nullable QueuedRequest next(int slot, Gate gate, Room room, long now) {
        for (int i = bands.size() - 1; i > 0; i--) {
            var band = bands.get(i);
            if (band.owed > 0 && band.waiting > 0) {
                // What it is sure of does not depend on anything else.
                var request = first(band, slot, true, room, now);
                if (request != null) {
                    return request;
                }
            }
        }
        for (var band : bands) {
            if (band.waiting > 0) {
                var request = first(band, slot, gate.isOpenFor(band), room, now);
                if (request != null) {
                    return request;
                }
            }
        }
        return null;
    }

    /** Returns the request that goes first among those that wait for a certain endpoint, or null. */
    public @Nullable QueuedRequest firstParked(int slot, long now) {
        for (var band : bands) {
            var request = parked.get(slot).first(band, true, _ -> true, now);
            if (request != null) {
                return request;
            }
        }
        return null;
    }

    private @Nullable QueuedRequest first(Band band, int slot, boolean openToNew, Room room, long now) {
        var any = unplaced.first(band, openToNew, room::isFor, now);
        var here = parked.get(slot).first(band, openToNew, room::isFor, now);
        if (any == null || here == null) {
            return any == null ? here : any;
        }
        if (any.late != here.late) {
            return any.late ? here : any;
        }
        if (any.flow() != here.flow()) {
            return any.flow().received < here.flow().received ? any : here;
        }
        return any.number < here.number ? any : here;
    }

    // ---- work

    /**
     * Books that a request of a flow goes to an endpoint.
     *
     * @param seconds the work it is expected to be
     * @param prefillSeconds of this, prefill
     */
    public void dispatched(Flow flow, double seconds, double prefillSeconds, long now) {
        var band = flow.band();
        if (flow.waiting == 0 && flow.inFlight == 0) {
            flow.received = Math.max(flow.received, band.reached);
        }
        band.reached = Math.max(band.reached, flow.received);
        becomes(flow, flow.waiting, flow.inFlight + 1);
        band.inFlight++;
        flow.charge(seconds);
        flow.sent(seconds, prefillSeconds, now);
        for (var other : bands) {
            if (other != band && other.waiting > 0 && other.priority() < band.priority()) {
                other.owe(seconds * other.settings().minShare());
            }
        }
        if (band.owed > 0) {
            band.owed -= seconds;
        }
    }

    /**
     * Books that a request ended.
     *
     * @param correction what the work was beyond what was booked, in seconds; may be negative
     * @param outputTokens tokens of the answer, or -1 if unknown
     */
    public void ended(Flow flow, double correction, int outputTokens) {
        flow.charge(correction);
        flow.answered(outputTokens);
        becomes(flow, flow.waiting, flow.inFlight - 1);
        flow.band().inFlight--;
    }
}
