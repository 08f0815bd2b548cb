package dev.warmgate.router;

import dev.warmgate.router.admission.Flow;

/**
 * Room that others leave to who lags behind. Owned by the pool's lock.
 */
final class Claims {
    /*
     * A long prompt needs more KV cache at once than short ones leave: whatever becomes free, one of these fills it. So who has
     * received less than its share although it waits, and may use its corner only, claims room for its next request at each
     * endpoint there: others go only where that is left (as a scheduler of batch jobs reserves for the first one in line and
     * backfills around it; Lifka, "The ANL/IBM SP scheduling system", 1995). Higher priorities do not care.
     *
     * A claim says for whom it is, not for which request, and it is asked each time whether that tenant still waits and lags: so
     * nothing has to be taken back when requests leave, are shed or go elsewhere, or when endpoints fail.
     */

    /**
     * What one claimed at an endpoint.
     *
     * @param tokens of KV cache that its next request will take
     * @param until on the router's clock
     */
    record Claim(Flow flow, double tokens, long until) {}

    /** How long a claim holds that is not renewed: whoever lags is looked at many times within. */
    private static final long KEPT_NANOS = 1_000_000_000L;

    /** Share of a KV cache that may be claimed. */
    private static final double MOST = 0.25;

    private final Roster roster;

    Claims(Roster roster) {
        this.roster = roster;
    }

    /** Claims room for a flow at all candidates, in place of what was claimed there before. */
    void make(Candidates candidates, Flow flow) {
        var claim = new Claim(flow, Work.tokens(flow, candidates.request()), candidates.nanoTime() + KEPT_NANOS);
        for (int i = 0; i < candidates.size(); i++) {
            candidates.endpoint(i).allowance().claim = claim;
        }
    }

    /** Hears that a request of a flow went to an endpoint. */
    void used(Endpoint endpoint, Flow flow) {
        var claim = endpoint.allowance().claim;
        if (claim != null && claim.flow == flow) {
            endpoint.allowance().claim = null;
        }
    }

    /** Returns whether an endpoint has what is claimed there besides a request of a flow that takes so many tokens. */
    boolean leave(Endpoint endpoint, Flow flow, double tokens, long now) {
        var allowance = endpoint.allowance();
        var claim = allowance.claim;
        if (claim == null || endpoint.inFlight() == 0 || now - claim.until >= 0 || !claim.flow.claimsBefore(flow)) {
            return true;
        }
        double capacity = endpoint.kvCapacityTokens();
        double claimed = Math.min(claim.tokens, MOST * capacity);
        return endpoint.inFlight() + 1 < allowance.limit * roster.members().share(endpoint, now)
                && (capacity == 0 || endpoint.kvTokensTaken(now) + tokens + claimed <= capacity * Room.KV_SHARE);
    }
}
