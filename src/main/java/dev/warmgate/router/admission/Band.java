package dev.warmgate.router.admission;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * All requests of one priority. Owned by the pool's lock.
 */
public final class Band {
    /** How much work a band can be owed: long enough for any request, short enough not to block those above. */
    private static final double MOST_OWED_SECONDS = 5;

    private static final Heap.Place<Flow> BY_REQUESTS = new Heap.Place<>() {
        @Override
        public int get(Flow flow) {
            return flow.byRequests;
        }

        @Override
        public void set(Flow flow, int index) {
            flow.byRequests = index;
        }
    };

    private static final Heap.Place<Flow> BY_BYTES = new Heap.Place<>() {
        @Override
        public int get(Flow flow) {
            return flow.byBytes;
        }

        @Override
        public void set(Flow flow, int index) {
            flow.byBytes = index;
        }
    };

    private final int number;
    private BandSettings settings;
    private boolean configured;

    /** Flows with requests waiting, the one with most of them first. */
    final Heap<Flow> mostRequests = new Heap<>(Comparator.comparingInt((Flow flow) -> -flow.waiting), BY_REQUESTS);

    /** The same by bytes. */
    final Heap<Flow> mostBytes = new Heap<>(Comparator.comparingLong((Flow flow) -> -flow.waitingBytes), BY_BYTES);

    private final Map<String, TenantShare> shares = new HashMap<>();

    /** What the tenant that went last had received: others that come later start there. */
    double reached;

    /** Work that others received and this band was sure of. */
    double owed;

    /** Work sent lately, in seconds. */
    final Recent recent = new Recent();

    /** Prefill of the band's requests, in seconds, the mean of the last ones. */
    double prefillSeconds;

    /** Tenants with requests waiting or in flight, and their weights. */
    int busyTenants;

    double busyWeight;

    int waiting;
    int inFlight;
    long waitingSince;
    long waitingBytes;
    double waitingSeconds;

    /**
     * Creates an empty band.
     *
     * @param configured whether the settings are its own
     */
    Band(int number, BandSettings settings, boolean configured) {
        this.number = number;
        this.settings = settings;
        this.configured = configured;
    }

    /** Returns the priority. */
    public int priority() {
        return settings.priority();
    }

    /** Returns the band's number in order of appearance, from 0. */
    public int number() {
        return number;
    }

    /** Returns what is set about it. */
    public BandSettings settings() {
        return settings;
    }

    void settings(BandSettings other, boolean itsOwn) {
        settings = other;
        configured = itsOwn;
    }

    boolean configured() {
        return configured;
    }

    /** Returns how many requests wait. */
    public long waiting() {
        return waiting;
    }

    /** Returns since when there always was one that waits. */
    public long waitingSince() {
        return waitingSince;
    }

    /** Returns whether requests of this band wait or are in flight. */
    public boolean active() {
        return waiting > 0 || inFlight > 0;
    }

    /** Returns how many flows have requests waiting. */
    public int flowsWaiting() {
        return mostRequests.size();
    }

    /** Returns what holding them takes. */
    public long waitingBytes() {
        return waitingBytes;
    }

    /** Returns whether others received work that this band was sure of, so that it goes first. */
    public boolean isOwed() {
        return owed > 0;
    }

    /**
     * Returns the part of the weight of all tenants that are busy that those have who {@linkplain Flow#grabs grab}. Looks at
     * all tenants.
     */
    public double grabbedWeight(long now) {
        double weight = 0;
        for (var share : shares.values()) {
            if (share.grabs(now)) {
                weight += share.weight();
            }
        }
        return Math.min(1, weight / busyWeight);
    }

    /** Returns work sent lately for others than those who {@linkplain Flow#grabs grab}, per second. Looks at all tenants. */
    public double otherWork(long now) {
        double work = recent.get(now);
        for (var share : shares.values()) {
            if (share.grabs(now)) {
                work -= share.recent.get(now);
            }
        }
        return Math.max(0, work) / Recent.MEMORY_SECONDS;
    }

    /** Returns work that waits for others than those who {@linkplain Flow#grabs grab}, in seconds. Looks at all tenants. */
    public double otherWaitingSeconds(long now) {
        double waitingThere = waitingSeconds;
        for (var share : shares.values()) {
            if (share.grabs(now)) {
                waitingThere -= share.waitingSeconds;
            }
        }
        return Math.max(0, waitingThere);
    }

    void owe(double seconds) {
        owed = Math.min(MOST_OWED_SECONDS, owed + seconds);
    }

    TenantShare share(String tenant) {
        return shares.computeIfAbsent(tenant, name -> new TenantShare(name, this));
    }

    void forget(TenantShare share) {
        shares.remove(share.tenant());
    }
}
