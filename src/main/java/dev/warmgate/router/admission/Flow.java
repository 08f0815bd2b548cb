package dev.warmgate.router.admission;

import org.jspecify.annotations.Nullable;

/**
 * The requests of one tenant, or of one fairness id of a tenant, within one priority. Owned by the pool's lock.
 */
public final class Flow {
    /** Of how many answers the mean length is remembered, the last ones counting most. */
    private static final double ANSWERS = 32;

    /** How long an answer is assumed to be before the first one ended, in tokens. */
    private static final double FIRST_GUESS_TOKENS = 300;

    private final String name;
    private final String tenant;
    private final Band band;
    private final TenantShare share;

    /** Work received, in seconds of an endpoint divided by the weight: the flow that has least goes next. */
    double received;

    /** Work of those that wait, in seconds. */
    double waitingSeconds;

    long waitingBytes;
    int waiting;
    int inFlight;

    /** Place in its band's heap of those with most waiting. */
    int byWaiting = -1;

    /** Newest of those that wait, linked to the older ones. */
    @Nullable
    QueuedRequest newest;

    private double outputTokens = FIRST_GUESS_TOKENS;

    Flow(String name, String tenant, Band band, TenantShare share) {
        this.name = name;
        this.tenant = tenant;
        this.band = band;
        this.share = share;
    }

    /** Returns the flow's name, unique in its band. */
    public String name() {
        return name;
    }

    /** Returns the tenant's name. */
    public String tenant() {
        return tenant;
    }

    /** Returns the band. */
    public Band band() {
        return band;
    }

    /** Returns how many of its requests wait. */
    public int waiting() {
        return waiting;
    }

    /** Returns the mean length of its answers, in tokens. */
    public double outputTokens() {
        return outputTokens;
    }

    /** Returns the work of those that wait, in seconds of an endpoint. */
    public double waitingSeconds() {
        return waitingSeconds;
    }

    /** Returns how many of its requests are in flight. */
    public int inFlight() {
        return inFlight;
    }

    TenantShare share() {
        return share;
    }

    boolean busy() {
        return waiting > 0 || inFlight > 0;
    }

    /** Books work, or takes back what was booked too much. */
    void charge(double seconds) {
        received += seconds * share.flowsOf(band) / share.weight();
    }

    void answered(int tokens) {
        if (tokens > 0) {
            outputTokens += (tokens - outputTokens) / ANSWERS;
        }
    }
}
