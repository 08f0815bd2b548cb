package dev.warmgate.router.quota;

import java.util.Collection;
import java.util.List;

/**
 * Where the levels of all limits are kept.
 *
 * <p>No method waits for anything but a short lock: event loops call them, and a request must not wait for another
 * machine. A store that replicas share therefore does not ask it for each request. It leases parts of each budget (for
 * example the share of a second, or a twentieth of what is left) ahead of need and in the background, books on its own
 * part at once, hands back what it does not use, and refuses when its part is spent and no more has come yet; the lease
 * of a replica that vanished ends by itself. The parts never sum up to more than the budget, so nothing overshoots, and
 * when the shared state cannot be reached the replica goes on with a part that it was configured to own. Answers that
 * come later (futures) would have been the other way; they would put a round trip before every request and stop
 * traffic together with the shared state.
 *
 * <p>Any thread.
 */
public interface QuotaStore {
    /** Replaces the limits. Those that were there before, with the same scope and kind, keep what is used of them. */
    void configure(Collection<QuotaLimit> limits);

    /**
     * Returns the accounts of some limits, for requests that fall under all of them.
     *
     * @param limits at least one, each scope and kind once. One that is not configured any more, because that changed
     *     at this moment, gets an account that nothing else is booked on
     */
    QuotaAccounts accounts(List<QuotaLimit> limits);

    /** Returns the state of every limit that is configured, each by itself at about the same moment. */
    List<QuotaState> states();
}
