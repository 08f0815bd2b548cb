package dev.warmgate.router.admission;

import org.jspecify.annotations.Nullable;

/**
 * The requests of one tenant, or of one fairness id of a tenant, within one priority. Owned by the pool's lock.
 */
public final class Flow {
    /** Of how many answers the mean length is remembered, the last ones counting most. */
    private static final double ANSWERS = 32;

    /** Of how many requests the mean prefill is remembered. */
    private static final double REQUESTS = 32;

    /** How much longer than the mean of the band's requests a prefill is long. */
    private static final double LONG = 2;

    /** How long an answer is assumed to be before the first one ended, in tokens. */
    private static final double FIRST_GUESS_TOKENS = 300;

    private final String name;
    private final String tenant;
    private final Band band;
    private final TenantShare share;

    /** Work received, in seconds of an endpoint divided by the weight: the flow that has least goes next. */
    double received;

    /** Work received lately, in seconds; see {@link Band#recent}. */
    final Recent recent = new Recent();

    /** Prefill of its requests, in seconds, the mean of the last ones. */
    private double prefillSeconds;

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

    /**
     * Returns whether it should make way for the other flows of its band: it has had more than its share lately, with
     * prompts that hold up whoever comes after them for far longer than others' do.
     */
    public boolean hogs(long now) {
        double total = band.recent.get(now);
        return band.busyFlows > 1
                && prefillSeconds > LONG * band.prefillSeconds
                && recent.get(now) * band.busyFlows > total;
    }

    void sent(double seconds, double prefill, long now) {
        recent.add(seconds, now);
        band.recent.add(seconds, now);
        prefillSeconds += (prefill - prefillSeconds) / REQUESTS;
        band.prefillSeconds += (prefill - band.prefillSeconds) / REQUESTS;
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
