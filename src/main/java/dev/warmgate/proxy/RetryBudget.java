package dev.warmgate.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The requests that are on a further attempt, of all event loops: they must stay a small part of all, or a fleet that fails
 * under its load gets more of it. A request is on a further attempt from when it goes to another endpoint until that
 * begins to answer. Attempts after a connection that was never made are free, because no engine has worked for them.
 *
 * <p>Any thread.
 */
final class RetryBudget {
    private final Traffic traffic;
    private final AtomicInteger taken = new AtomicInteger();
    private final LongAdder refused = new LongAdder();

    /** Replaced when the configuration is. */
    private volatile RetryRules rules;

    RetryBudget(RetryRules rules, Traffic traffic) {
        this.rules = rules;
        this.traffic = traffic;
    }

    void rules(RetryRules replacement) {
        rules = replacement;
    }

    /**
     * Takes a place for a further attempt if there is one.
     *
     * @param endpoints how many there are in the request's pool
     */
    boolean take(int endpoints) {
        if (taken.incrementAndGet() <= rules.limit(traffic.inFlight(), endpoints)) {
            return true;
        }
        taken.decrementAndGet();
        refused.increment();
        return false;
    }

    void giveBack() {
        taken.decrementAndGet();
    }

    /** Returns requests on a further attempt now. */
    int taken() {
        return taken.get();
    }

    /** Returns further attempts ever refused. */
    long refused() {
        return refused.sum();
    }
}
