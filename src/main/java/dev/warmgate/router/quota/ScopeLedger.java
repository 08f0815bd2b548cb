package dev.warmgate.router.quota;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * All accounts of one scope, and their lock. Whoever needs several locks takes them by {@link #order}, so that no two
 * threads wait for each other.
 */
final class ScopeLedger {
    /** Looks at a taken lock before a thread goes to sleep, which takes longer than the lock is ever held. */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1_000 : 0;

    private final long order;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<QuotaKind, Account> accounts = new EnumMap<>(QuotaKind.class);

    ScopeLedger(long order) {
        this.order = order;
    }

    long order() {
        return order;
    }

    void acquire() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    void leave() {
        lock.unlock();
    }

    /** Replaces the limits; accounts of kinds that stay keep their level. Takes the lock. */
    void configure(List<QuotaLimit> limits) {
        acquire();
        try {
            accounts.keySet().removeIf(kind -> limits.stream().noneMatch(limit -> limit.kind() == kind));
            for (var limit : limits) {
                accounts.computeIfAbsent(limit.kind(), _ -> Account.of(limit)).limit(limit);
            }
        } finally {
            leave();
        }
    }

    /** Returns the account of a limit; one that nothing else sees if it is not configured any more. Takes the lock. */
    Account account(QuotaLimit limit) {
        acquire();
        try {
            var account = accounts.get(limit.kind());
            return account != null ? account : Account.of(limit);
        } finally {
            leave();
        }
    }

    /** Adds the state of every account. Takes the lock. */
    void states(List<QuotaState> states, Supplier<Account.Moment> clock) {
        acquire();
        try {
            var now = clock.get();
            for (var account : accounts.values()) {
                states.add(account.state(now));
            }
        } finally {
            leave();
        }
    }
}
