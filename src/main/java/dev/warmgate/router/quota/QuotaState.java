package dev.warmgate.router.quota;

import java.time.Duration;

/**
 * One limit and what is left of it, at one moment; amounts in the words of its kind.
 *
 * @param limit which limit
 * @param used what counts as used now; above the limit if requests turned out larger than reserved
 * @param held what is reserved and not used yet
 * @param reset when it will be full again if nothing more is asked
 * @param reservedTotal everything ever reserved, with what was used beyond the reservation
 * @param settledTotal everything ever used
 * @param refundedTotal everything ever given back; reservedTotal = settledTotal + refundedTotal + open reservations
 */
public record QuotaState(
        QuotaLimit limit,
        double used,
        double held,
        Duration reset,
        double reservedTotal,
        double settledTotal,
        double refundedTotal) {
    /** Returns what can still be reserved, at least 0. */
    public double remaining() {
        return Math.max(0, limit.limit() - used - held);
    }
}
