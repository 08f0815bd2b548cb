package dev.warmgate.router.quota;

import dev.warmgate.router.quota.Account.Moment;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Levels in the memory of this process, gone when it ends. Any thread.
 *
 * <p>A booking takes the locks of its scopes, at most three, looks at all accounts, and only then books: so nothing is
 * ever half reserved, not even for a moment that another request could see.
 */
public final class InMemoryQuotaStore implements QuotaStore {
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final long origin;

    /** Replaced as a whole, under this object's monitor. */
    private volatile Map<QuotaScope, ScopeLedger> ledgers = Map.of();

    private final AtomicLong nextOrder = new AtomicLong();

    /**
     * Creates a store without limits.
     *
     * @param nanoTime a clock that never goes back, for limits per minute
     * @param clock the calendar, for limits per day
     */
    public InMemoryQuotaStore(LongSupplier nanoTime, InstantSource clock) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.origin = nanoTime.getAsLong();
    }

    @Override
    public synchronized void configure(Collection<QuotaLimit> limits) {
        var byScope = new HashMap<QuotaScope, List<QuotaLimit>>();
        for (var limit : limits) {
            byScope.computeIfAbsent(limit.scope(), _ -> new ArrayList<>()).add(limit);
        }
        var next = new HashMap<QuotaScope, ScopeLedger>();
        byScope.forEach((scope, of) -> {
            var ledger = ledger(scope);
            ledger.configure(of);
            next.put(scope, ledger);
        });
        ledgers = next;
    }

    @Override
    public QuotaAccounts accounts(List<QuotaLimit> limits) {
        var scopes = new LinkedHashMap<QuotaScope, ScopeLedger>();
        var accounts = new Account[limits.size()];
        for (int i = 0; i < accounts.length; i++) {
            var limit = limits.get(i);
            accounts[i] = scopes.computeIfAbsent(limit.scope(), this::ledger).account(limit);
        }
        var locks = scopes.values().toArray(new ScopeLedger[0]);
        Arrays.sort(locks, Comparator.comparingLong(ScopeLedger::order));
        return new InMemoryAccounts(this, limits, locks, accounts);
    }

    private ScopeLedger ledger(QuotaScope scope) {
        var ledger = ledgers.get(scope);
        return ledger != null ? ledger : new ScopeLedger(nextOrder.getAndIncrement());
    }

    @Override
    public List<QuotaState> states() {
        var states = new ArrayList<QuotaState>();
        for (var ledger : ledgers.values()) {
            ledger.states(states, this::now);
        }
        return states;
    }

    /** Returns the present. Read while holding the locks, it is never before a moment that an account has seen. */
    Moment now() {
        return new Moment(nanoTime.getAsLong() - origin, clock.millis());
    }
}
