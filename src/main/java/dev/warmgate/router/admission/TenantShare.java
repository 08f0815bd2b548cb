package dev.warmgate.router.admission;

/**
 * What all flows of a tenant within one band share: its weight, so that inventing fairness ids does not buy more of the
 * fleet. Owned by the pool's lock.
 */
final class TenantShare {
    /** Of how many requests the mean prefill is remembered. */
    private static final double REQUESTS = 32;

    /** Share of its band's work below which a tenant is in nobody's way. */
    private static final double MUCH = 0.1;

    /** Work by which a tenant is behind another one that waits as well, from which on being late is no reason any more. */
    private static final double MOST_LAG_SECONDS = 0.5;

    /** How much longer than the mean of the band's requests a prefill is long. */
    private static final double LONG = 2;

    private final String tenant;
    private final Band band;
    private double weight;

    /** Seconds of an endpoint divided by the weight: the tenant that has least goes next. */
    final Received received = new Received();

    /** What the flow that went last had received: others that come later start there. */
    double reached;

    int waiting;

    /** Work of those that wait, in seconds. */
    double waitingSeconds;

    /** Number of the request with which it began to wait. */
    long since;

    /** How many of its flows are known, and how many of these have requests waiting or in flight. */
    int flows;

    private int busyFlows;

    /** Work received lately, in seconds; see {@link Band#recent}. */
    final Recent recent = new Recent();

    /** Prefill of its requests, in seconds, the mean of the last ones. */
    private double prefillSeconds;

    TenantShare(String tenant, Band band) {
        this.tenant = tenant;
        this.band = band;
    }

    String tenant() {
        return tenant;
    }

    double weight() {
        return weight;
    }

    void weight(double newWeight) {
        if (busyFlows > 0) {
            band.busyWeight += newWeight - weight;
        }
        weight = newWeight;
    }

    void charge(double seconds) {
        received.charge(seconds / weight);
    }

    void begins() {
        if (busyFlows++ == 0) {
            band.busyTenants++;
            band.busyWeight += weight;
        }
    }

    /** Hears that one of its flows has nothing waiting or in flight any more. */
    void ends() {
        if (--busyFlows == 0) {
            band.busyTenants--;
            band.busyWeight = band.busyTenants == 0 ? 0 : band.busyWeight - weight;
        }
    }

    void sent(double seconds, double prefill, long now) {
        recent.add(seconds, now);
        band.recent.add(seconds, now);
        prefillSeconds += (prefill - prefillSeconds) / REQUESTS;
        band.prefillSeconds += (prefill - band.prefillSeconds) / REQUESTS;
    }

    /**
     * Returns whether it received so much less than another tenant that it goes first even where it can only be late: of who
     * sends few long prompts there is seldom one that is not.
     */
    boolean lags(TenantShare other) {
        return isBehind(other.received.work());
    }

    boolean hogs(long now) {
        return isLong() && !isBehind() && isMuch(recent.get(now), band.recent.get(now));
    }

    boolean grabs(long now) {
        return isLong() && isMuch(recent.get(now) + waitingSeconds, band.recent.get(now) + waitingSeconds);
    }

    /** Returns whether others that wait received so much more that it makes way for nobody. */
    boolean isBehind() {
        return band.waiting > waiting && isBehind(band.reached);
    }

    private boolean isBehind(double others) {
        return (others - received.work()) * weight > MOST_LAG_SECONDS && isLong();
    }

    /** Returns whether its prompts hold up whoever comes after them for longer than others' do. */
    private boolean isLong() {
        return band.busyTenants > 1 && prefillSeconds > LONG * band.prefillSeconds;
    }

    private boolean isMuch(double ours, double all) {
        // Among many tenants a single long prompt is more than a share, and no reason to make way.
        return ours * band.busyWeight > all * weight && ours > MUCH * all;
    }
}
