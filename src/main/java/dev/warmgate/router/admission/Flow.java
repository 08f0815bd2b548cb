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
    private final Band band;
    private final TenantShare share;

    /** In seconds of an endpoint: of its tenant's flows the one that has least goes next. */
    final Received received = new Received();

    /** Work of those that wait, in seconds. */
    double waitingSeconds;

    long waitingBytes;
    int waiting;
    int inFlight;

    /** Number of the request with which it began to wait. */
    long since;

    /** Places in its band's heaps of those with most waiting. */
    int byRequests = -1;

    int byBytes = -1;

    /** Newest of those that wait, linked to the older ones. */
    @Nullable
    QueuedRequest newest;

    /** Oldest of those that wait. */
    @Nullable
    QueuedRequest oldest;

    private double outputTokens = FIRST_GUESS_TOKENS;

    Flow(String name, Band band, TenantShare share) {
        this.name = name;
        this.band = band;
        this.share = share;
    }

    /** Returns the flow's name, unique in its band. */
    public String name() {
        return name;
    }

    /** Returns the tenant's name. */
    public String tenant() {
        return share.tenant();
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

    /**
     * Returns whether it should make way for other tenants' flows in its band: its tenant has had more than its share
     * lately, with prompts that hold up whoever comes after them for far longer than others' do.
     */
    public boolean hogs(long now) {
        return share.hogs(now);
    }

    /**
     * Returns whether its tenant would take more than its share of the band with such prompts, counting what waits: {@link
     * #hogs}, or would if it could.
     */
    public boolean grabs(long now) {
        return share.grabs(now);
    }

    /** Returns whether others that wait received so much more than its tenant that it makes way for nobody. */
    public boolean isBehind() {
        return share.isBehind();
    }

    /** Returns whether its tenant has requests waiting that go before those of another one, because it lags behind. */
    public boolean claimsBefore(Flow other) {
        return share.waiting > 0
                && other.share != share
                && (other.band == band
                        ? share.lags(other.share)
                        : other.band.priority() < band.priority() && share.isBehind());
    }

    TenantShare share() {
        return share;
    }

    boolean busy() {
        return waiting > 0 || inFlight > 0;
    }

    /** Books work, or takes back what was booked too much. */
    void charge(double seconds) {
        received.charge(seconds);
        share.charge(seconds);
    }

    void answered(int tokens) {
        if (tokens > 0) {
            outputTokens += (tokens - outputTokens) / ANSWERS;
        }
    }
}
