package dev.warmgate.router;

/**
 * Load booked for one request on one endpoint, at the moment the endpoint was chosen.
 *
 * <p>Any thread; whoever ends the request calls {@link #settle}, and only the first call counts.
 */
public final class Reservation {
    private final Pool pool;
    private final Endpoint endpoint;
    private final Decision decision;
    private final int prefillTokens;

    // Guarded by the pool's lock.
    private boolean prefilling = true;
    private boolean open = true;

    Reservation(Pool pool, Endpoint endpoint, Decision decision) {
        this.pool = pool;
        this.endpoint = endpoint;
        this.decision = decision;
        this.prefillTokens = decision.promptTokens() - decision.cachedTokens();
    }

    /** Returns the chosen endpoint. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Returns why and at what price it was chosen. */
    public Decision decision() {
        return decision;
    }

    /** Tells that the first response token came: prefill is over. Later calls change nothing. */
    public void firstToken() {
        pool.firstToken(this);
    }

    /**
     * Ends the reservation and frees all it booked.
     *
     * @param usage what the engine counted, or {@link Usage#UNKNOWN}
     * @return whether this call ended it; false if an earlier one did
     */
    public boolean settle(Usage usage) {
        return pool.settle(this, usage);
    }

    int prefillTokens() {
        return prefillTokens;
    }

    boolean endPrefill() {
        boolean was = prefilling;
        prefilling = false;
        return was;
    }

    boolean close() {
        boolean was = open;
        open = false;
        return was;
    }

    @Override
    public String toString() {
        return "Reservation[" + decision + ", " + (open ? prefilling ? "prefill" : "decode" : "settled") + "]";
    }
}
