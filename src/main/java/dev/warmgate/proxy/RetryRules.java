package dev.warmgate.proxy;

/**
 * How often a request that an endpoint failed may be tried at another, before a byte of its answer has come.
 *
 * @param most further attempts of one request; 0 or more
 * @param share of all live requests that may be on a further attempt at a time, 0 to 1, {@code limits.retryShare} in
 *     configuration; unless it is 0, twice what one endpoint carries on average may be, so that the loss of one endpoint
 *     fits in fleets of any size
 * @param least requests that may be on a further attempt at a time whatever the share says; 0 or more
 */
public record RetryRules(int most, double share, int least) {
    /** Two further attempts, a quarter of the live requests, ten at least. */
    public static final RetryRules DEFAULT = new RetryRules(2, 0.25, 10);

    public RetryRules {
        if (most < 0 || least < 0 || !(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("retries: " + most + ", share " + share + ", least " + least
                    + " (expected: at least 0, and a share of at most 1)");
        }
    }

    /** Returns these rules with another number of attempts. */
    public RetryRules withMost(int newMost) {
        return new RetryRules(newMost, share, least);
    }

    /** Returns how many requests may be on a further attempt at a time. */
    int limit(int liveRequests, int endpoints) {
        double allowed = share == 0 ? 0 : Math.min(1, Math.max(share, 2.0 / Math.max(1, endpoints)));
        return Math.max(least, (int) Math.ceil(allowed * liveRequests));
    }
}
