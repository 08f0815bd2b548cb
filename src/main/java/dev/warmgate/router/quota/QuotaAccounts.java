package dev.warmgate.router.quota;

import java.util.List;

/**
 * The accounts that one sort of request is booked on, together or not at all. Any thread.
 *
 * <p>Amounts are in the units of {@link QuotaKind#toUnits}, one for each limit, in the order of {@link #limits}.
 */
public interface QuotaAccounts {
    /** Returns the limits, in the order in which amounts are given. */
    List<QuotaLimit> limits();

    /**
     * Books the amounts on all accounts, or on none.
     *
     * @param amounts at least 0 each; kept by the booking, so not to be changed after
     */
    Booking reserve(long[] amounts);

    /** Returns the state of each account, in the order of {@link #limits}, all at one moment. */
    List<QuotaState> states();

    /** The answer to {@link #reserve}. */
    sealed interface Booking {
        /** All are booked. */
        record Booked(QuotaHold hold) implements Booking {}

        /** Nothing is booked; of several limits that are short, the one that stays so longest. */
        record Refused(QuotaRefusal refusal) implements Booking {}
    }
}
