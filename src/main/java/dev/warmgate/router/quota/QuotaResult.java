package dev.warmgate.router.quota;

/** The answer to {@link Quotas#reserve}. */
public sealed interface QuotaResult {
    /**
     * Everything the request may need is reserved.
     *
     * @param lease must be settled or cancelled by whoever ends the request
     */
    record Granted(QuotaLease lease) implements QuotaResult {}

    /**
     * Some limit has not enough left; nothing is reserved.
     *
     * @param refusal which one; of several the one that will last longest
     * @param snapshot the limits for the client's headers
     */
    record Exceeded(QuotaRefusal refusal, QuotaSnapshot snapshot) implements QuotaResult {}
}
