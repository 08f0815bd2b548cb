package dev.warmgate.router.quota;

import org.jspecify.annotations.Nullable;

/** What is booked for one request. Any thread; amounts as for {@link QuotaAccounts}. */
public interface QuotaHold {
    /**
     * Books more, on all accounts or none, and counts what is used so far. After the end it changes nothing.
     *
     * @param used what the request has used of each account up to now
     * @param total what shall be booked in all, at least what is booked already
     * @return null if it is booked
     */
    @Nullable
    QuotaRefusal grow(long[] used, long[] total);

    /**
     * Ends the booking: counts what was used, whether it was booked or not, and gives the rest back.
     *
     * @param used what the request used of each account; all 0 if nothing was done for it
     * @return whether this call ended it; false if an earlier one did
     */
    boolean settle(long[] used);
}
