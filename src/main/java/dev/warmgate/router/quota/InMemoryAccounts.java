package dev.warmgate.router.quota;

import dev.warmgate.router.quota.Account.Moment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Some accounts of an {@link InMemoryQuotaStore} and the locks that guard them. */
final class InMemoryAccounts implements QuotaAccounts {
    private final InMemoryQuotaStore store;
    private final List<QuotaLimit> limits;

    /** Each once, by their order. */
    private final ScopeLedger[] scopes;

    private final Account[] accounts;

    InMemoryAccounts(InMemoryQuotaStore store, List<QuotaLimit> limits, ScopeLedger[] scopes, Account[] accounts) {
        this.store = store;
        this.limits = List.copyOf(limits);
        this.scopes = scopes;
        this.accounts = accounts;
    }

    @Override
    public List<QuotaLimit> limits() {
        return limits;
    }

    @Override
    public Booking reserve(long[] amounts) {
        acquire();
        try {
            var now = store.now();
            QuotaRefusal refusal = null;
            for (int i = 0; i < accounts.length; i++) {
                accounts[i].refresh(now);
                if (!accounts[i].hasRoom(amounts[i])) {
                    refusal = Account.longer(refusal, accounts[i].refuse(amounts[i], now));
                }
            }
            if (refusal != null) {
                return new Booking.Refused(refusal);
            }
            for (int i = 0; i < accounts.length; i++) {
                accounts[i].hold(amounts[i], now);
                accounts[i].reserved(amounts[i]);
            }
            return new Booking.Booked(new Hold(amounts, now));
        } finally {
            leave();
        }
    }

    @Override
    public List<QuotaState> states() {
        var states = new ArrayList<QuotaState>(accounts.length);
        acquire();
        try {
            var now = store.now();
            for (var account : accounts) {
                states.add(account.state(now));
            }
        } finally {
            leave();
        }
        return states;
    }

    private void acquire() {
        for (var scope : scopes) {
            scope.acquire();
        }
    }

    private void leave() {
        for (var scope : scopes) {
            scope.leave();
        }
    }

    /** One request's booking. Everything in it is guarded by the locks. */
    private final class Hold implements QuotaHold {
        private final Moment began;
        private boolean ended;

        /** When the part of {@link #booked} that is not in {@link #counted} was held, for all accounts. */
        private Moment heldSince;

        private long[] booked;
        private final long[] counted;

        Hold(long[] amounts, Moment now) {
            booked = amounts;
            counted = new long[amounts.length];
            began = now;
            heldSince = now;
        }

        @Override
        public @Nullable QuotaRefusal grow(long[] used, long[] total) {
            acquire();
            try {
                if (ended) {
                    return null;
                }
                var now = store.now();
                QuotaRefusal refusal = null;
                for (int i = 0; i < accounts.length; i++) {
                    refresh(i, now);
                    long more = total[i] - booked[i];
                    if (more > 0 && !accounts[i].hasRoom(more)) {
                        refusal = Account.longer(refusal, accounts[i].refuse(more, now));
                    }
                }
                if (refusal == null) {
                    for (int i = 0; i < accounts.length; i++) {
                        book(i, used[i], total[i], now);
                    }
                    booked = total;
                    heldSince = now;
                }
                return refusal;
            } finally {
                leave();
            }
        }

        @Override
        public boolean settle(long[] used) {
            acquire();
            try {
                if (ended) {
                    return false;
                }
                ended = true;
                var now = store.now();
                for (int i = 0; i < accounts.length; i++) {
                    refresh(i, now);
                    var account = accounts[i];
                    account.release(booked[i] - counted[i], heldSince);
                    if (used[i] > counted[i]) {
                        account.count(used[i] - counted[i]);
                    } else {
                        account.uncount(counted[i] - used[i]);
                    }
                    account.settled(booked[i], used[i]);
                    account.ended(began, now);
                }
                return true;
            } finally {
                leave();
            }
        }

        private void refresh(int i, Moment now) {
            accounts[i].refresh(now);
            if (accounts[i].aged(heldSince)) {
                counted[i] = booked[i];
            }
        }

        /** Counts what is used, as far as it is booked, and holds the rest from now on. */
        private void book(int i, long used, long total, Moment now) {
            var account = accounts[i];
            long nowCounted = Math.max(counted[i], Math.min(used, total));
            account.release(booked[i] - counted[i], heldSince);
            account.count(nowCounted - counted[i]);
            account.hold(total - nowCounted, now);
            account.reserved(total - booked[i]);
            counted[i] = nowCounted;
        }
    }
}
